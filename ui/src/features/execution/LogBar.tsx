// The controls of the log: search with its hits, level, grouping, wrapping, next error, download.
import { ChevronDown, ChevronUp, CornerDownRight, Download, WrapText } from "lucide-react";
import type { RefObject } from "react";
import { logAddress } from "../../api/outputs";
import type { Execution, Level } from "../../api/types";
import { Button } from "../../components/controls/Button";
import { IconButton } from "../../components/controls/IconButton";
import { SearchField } from "../../components/controls/SearchField";
import { Segments } from "../../components/controls/Segments";
import { useSearchParams } from "../../components/useSearchParams";
import { countByLevel, type LogLine } from "../../model/logs";
import { texts } from "../../texts";

interface LogBarProps {
  tenant: string;
  execution: Execution;
  lines: LogLine[];
  level: Level;
  hits: number[];
  line: number | undefined;
  field: RefObject<HTMLInputElement | null>;
  onHit: (step: 1 | -1) => void;
  onError: (step: 1 | -1) => void;
}

export function LogBar({ tenant, execution, lines, level, hits, line, field, onHit, onError }: LogBarProps) {
  const { search, replace } = useSearchParams();
  const counts = countByLevel(lines);
  const text = search.q ?? "";
  const place = hits.indexOf(line ?? -1) + 1;
  const wrap = search.wrap === "on";
  return (
    <div className="bar bar-line">
      <SearchField
        field={field}
        label="Search the log"
        value={text}
        onChange={(q) => replace({ q })}
        width={320}
        onKeyDown={(event) => event.key === "Enter" && onHit(event.shiftKey ? -1 : 1)}
      >
        {text !== "" && (
          <>
            <span className="caption subtle" role="status">
              {texts.hits(place, hits.length)}
            </span>
            <IconButton label="Previous hit" size="small" onClick={() => onHit(-1)}>
              <ChevronUp aria-hidden />
            </IconButton>
            <IconButton label="Next hit" size="small" onClick={() => onHit(1)}>
              <ChevronDown aria-hidden />
            </IconButton>
          </>
        )}
      </SearchField>
      <Segments
        size="small"
        label="Level"
        value={level}
        onChange={(value) => replace({ level: value, line: undefined })}
        segments={[
          { value: "TRACE", word: "Trace" },
          { value: "DEBUG", word: "Debug +" },
          { value: "INFO", word: "Info +" },
          { value: "WARN", word: "Warn +", count: counts.WARN },
          { value: "ERROR", word: "Error", count: counts.ERROR },
        ]}
      />
      <Segments
        size="small"
        label="Order"
        value={search.by === "time" ? "time" : "task"}
        onChange={(value) => replace({ by: value === "time" ? "time" : undefined })}
        segments={[
          { value: "task", word: "By task run" },
          { value: "time", word: "By time" },
        ]}
      />
      <Button
        size="small"
        tone="quiet"
        icon={<WrapText aria-hidden />}
        on={wrap}
        onClick={() => replace({ wrap: wrap ? undefined : "on" })}
      >
        Wrap
      </Button>
      <span className="push row">
        {counts.ERROR > 0 && (
          <Button
            size="small"
            tone="quiet"
            icon={<CornerDownRight aria-hidden />}
            shortcut="N"
            onClick={() => onError(1)}
          >
            Next error
          </Button>
        )}
        <a
          className="button"
          data-tone="quiet"
          data-size="small"
          href={logAddress(tenant, execution.id)}
          download={`${execution.id}.log`}
        >
          <Download aria-hidden />
          Download
        </a>
      </span>
    </div>
  );
}
