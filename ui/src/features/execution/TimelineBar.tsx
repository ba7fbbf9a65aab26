// The controls above the chart: search, critical path, idle time.
import { Route, UnfoldHorizontal } from "lucide-react";
import { useRef } from "react";
import { Button } from "../../components/controls/Button";
import { SearchField } from "../../components/controls/SearchField";
import { useKeys } from "../../components/useKeys";
import { useSearchParams } from "../../components/useSearchParams";
import { formatDuration } from "../../model/durations";
import type { Timeline } from "../../model/timeline";

export function TimelineBar({ timeline }: { timeline: Timeline }) {
  const { search, replace } = useSearchParams();
  const field = useRef<HTMLInputElement>(null);
  useKeys({ "/": () => field.current?.focus() });
  const path = search.path !== "off";
  const compress = search.idle !== "full";
  const pressed = timeline.gaps.reduce((sum, gap) => sum + gap.length, 0);
  return (
    <div className="bar bar-line timeline-bar">
      <SearchField field={field} label="Task" value={search.q ?? ""} onChange={(q) => replace({ q })} width={188} />
      <Button
        size="small"
        tone="quiet"
        icon={<Route aria-hidden />}
        on={path}
        onClick={() => replace({ path: path ? "off" : undefined })}
      >
        Critical path
      </Button>
      <Button
        size="small"
        tone="quiet"
        icon={<UnfoldHorizontal aria-hidden />}
        on={compress}
        onClick={() => replace({ idle: compress ? "full" : undefined })}
      >
        Compress idle
      </Button>
      {pressed > 0 && <span className="caption subtle">{formatDuration(pressed)} idle compressed</span>}
    </div>
  );
}
