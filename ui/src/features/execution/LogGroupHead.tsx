// The head of a group of lines: task run, attempt, worker, span.
import { ChevronDown, ChevronRight } from "lucide-react";
import type { TaskRun } from "../../api/types";
import { StateGlyph } from "../../components/state/StateGlyph";
import { shortId } from "../../model/ids";
import type { LogRow } from "../../model/logs";
import { formatClock } from "../../model/moments";
import { attemptCount, detailOf } from "../../model/runs";
import { texts } from "../../texts";

interface LogGroupHeadProps {
  head: LogRow & { kind: "head" };
  run: TaskRun | undefined;
  folded: boolean;
  onFold: (key: string) => void;
}

export function LogGroupHead({ head, run, folded, onFold }: LogGroupHeadProps) {
  const attempt = run?.attempts?.[head.attempt - 1];
  const many = run !== undefined && attemptCount(run) > 1;
  const detail = run && detailOf(run);
  return (
    <div className="log-head">
      <button type="button" className="fold" aria-label={folded ? "Unfold" : "Fold"} onClick={() => onFold(head.key)}>
        {folded ? <ChevronRight aria-hidden /> : <ChevronDown aria-hidden />}
      </button>
      {run && <StateGlyph state={attempt?.state.current ?? run.state.current} label />}
      <span className="strong">{head.taskId ?? "Execution"}</span>
      {detail && <span className="subtle">{detail}</span>}
      <span className="caption muted">
        {[many ? `attempt ${head.attempt}` : undefined, placeOf(attempt)].filter(Boolean).join(", ")}
      </span>
      <span className="caption subtle push">{texts.lines(head.count)}</span>
    </div>
  );
}

function placeOf(attempt: NonNullable<TaskRun["attempts"]>[number] | undefined): string | undefined {
  if (!attempt) return undefined;
  const { startDate, endDate } = attempt.state;
  const from = formatClock(new Date(startDate).getTime());
  const span = endDate ? `${from} to ${formatClock(new Date(endDate).getTime())}` : `since ${from}`;
  return attempt.workerId ? `${shortId(attempt.workerId)}, ${span}` : span;
}
