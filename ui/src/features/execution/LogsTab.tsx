// The log: task runs at the left, lines at the right, everything one can narrow it by in the address.
import { useEffect, useMemo, useRef, useState } from "react";
import type { Execution } from "../../api/types";
import { Button } from "../../components/controls/Button";
import { EmptyState } from "../../components/feedback/EmptyState";
import { ErrorNote } from "../../components/feedback/ErrorNote";
import { Loading } from "../../components/feedback/Loading";
import { useKeys } from "../../components/useKeys";
import type { FollowedLog } from "../../components/useLog";
import { useSearchParams } from "../../components/useSearchParams";
import { filterLines, hitsOf, isLevel, nextError, rowsByTaskRun, rowsByTime } from "../../model/logs";
import { runsOf } from "../../model/runs";
import { hasEnded } from "../../model/states";
import { texts } from "../../texts";
import { LogBar } from "./LogBar";
import { LogLines } from "./LogLines";
import { LogTree } from "./LogTree";
import "./logs.css";

interface LogsTabProps {
  tenant: string;
  execution: Execution;
  log: FollowedLog;
}

export function LogsTab({ tenant, execution, log }: LogsTabProps) {
  const { search, replace, push } = useSearchParams();
  const [following, setFollowing] = useState(true);
  const field = useRef<HTMLInputElement>(null);
  const running = !hasEnded(execution.state.current);
  const level = isLevel(search.level) ? search.level : search.line ? "TRACE" : "INFO";
  const text = search.q ?? "";
  const line = search.line ? Number(search.line) : undefined;
  const lines = useMemo(() => filterLines(log.lines, { level, taskRunId: search.run }), [log.lines, level, search.run]);
  const folded = useMemo(() => new Set((search.fold ?? "").split(",").filter(Boolean)), [search.fold]);
  const rows = useMemo(
    () => (search.by === "time" ? rowsByTime(lines) : rowsByTaskRun(lines, folded)),
    [search.by, lines, folded],
  );
  const hits = useMemo(() => hitsOf(rows, text), [rows, text]);

  const go = (number: number | undefined) => {
    if (number === undefined) return;
    setFollowing(false);
    replace({ line: String(number) });
  };
  const goToHit = (step: 1 | -1) => {
    const place = hits.indexOf(line ?? -1);
    go(place < 0 ? hits.at(step > 0 ? 0 : -1) : hits.at((place + step) % hits.length));
  };
  const goToError = (step: 1 | -1) => go(nextError(rows, line, step));
  useKeys({
    "/": () => field.current?.focus(),
    n: () => goToError(1),
    N: () => goToError(-1),
    Escape: () => (text ? replace({ q: undefined }) : replace({ line: undefined, run: undefined, task: undefined })),
  });
  useEffect(() => {
    if (search.line) setFollowing(false);
  }, [search.line]);

  const selectRun = (run: string | undefined, task: string | undefined) => push({ run, task, line: undefined });
  if (log.pending) return <Loading label="The log is on its way" rows={14} />;
  return (
    <>
      <LogBar
        tenant={tenant}
        execution={execution}
        lines={log.lines}
        level={level}
        hits={hits}
        line={line}
        field={field}
        onHit={goToHit}
        onError={goToError}
      />
      {log.error !== null && log.error !== undefined && (
        <ErrorNote what="The log could not be loaded." error={log.error} onRetry={log.retry} />
      )}
      <div className="split">
        <LogTree runs={runsOf(execution)} lines={log.lines} selected={search.run} onSelect={selectRun} />
        <div className="pane grow">
          {rows.length === 0 ? (
            <NoLines
              total={log.lines.length}
              running={running}
              onAll={() => replace({ level: "TRACE", run: undefined, task: undefined })}
            />
          ) : (
            <LogLines
              rows={rows}
              runs={runsOf(execution)}
              text={text}
              line={line}
              wrap={search.wrap === "on"}
              follow={running && following}
              onFollow={setFollowing}
              onLine={(number) => replace({ line: String(number) })}
              onFold={(key) => {
                const next = folded.has(key) ? [...folded].filter((other) => other !== key) : [...folded, key];
                replace({ fold: next.join(",") || undefined });
              }}
            />
          )}
        </div>
      </div>
      <footer className="foot">
        <span>{texts.linesShown(lines.length, log.lines.length)}</span>
        {line !== undefined && <span>Line {line}</span>}
        {running && (
          <Button size="small" tone="quiet" on={following} onClick={() => setFollowing(!following)}>
            Follow
          </Button>
        )}
        <span className="push" role="status">
          {running ? (log.broken ? "reconnecting" : "lines appear as they are written") : "complete"}
        </span>
      </footer>
    </>
  );
}

function NoLines({ total, running, onAll }: { total: number; running: boolean; onAll: () => void }) {
  if (total > 0) {
    return (
      <EmptyState title="No line fits" actions={<Button onClick={onAll}>Show every line</Button>}>
        {texts.lines(total)} of other levels or task runs are there.
      </EmptyState>
    );
  }
  return (
    <EmptyState title={running ? "No line yet" : "No line was written"}>
      {running ? "Lines appear here as the tasks write them." : "None of the tasks logged anything."}
    </EmptyState>
  );
}
