// The timeline: the chart of task runs, where the time went, and beside it the panel of the selected run. A failed
// execution opens with its first failed run selected.
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import type { Execution, TaskRun } from "../../api/types";
import { EmptyState } from "../../components/feedback/EmptyState";
import { useKeys } from "../../components/useKeys";
import type { FollowedLog } from "../../components/useLog";
import { useNow } from "../../components/useNow";
import { useSearchParams } from "../../components/useSearchParams";
import { executionAddress } from "../../model/addresses";
import { firstFailure, leavesOf, runsOf, treeOf } from "../../model/runs";
import { timeShares } from "../../model/shares";
import { hasEnded, hasFailed } from "../../model/states";
import { layoutTimeline } from "../../model/timeline";
import { RunPanel } from "./RunPanel";
import { TimelineBar } from "./TimelineBar";
import { TimelineChart } from "./TimelineChart";
import { TimeShares } from "./TimeShares";
import "./timeline.css";

interface TimelineTabProps {
  tenant: string;
  execution: Execution;
  log: FollowedLog;
}

export function TimelineTab({ tenant, execution, log }: TimelineTabProps) {
  const { search, push, replace } = useSearchParams();
  const navigate = useNavigate();
  const running = !hasEnded(execution.state.current);
  const now = useNow(running);
  const runs = runsOf(execution);
  const folded = useMemo(() => new Set((search.fold ?? "").split(",").filter(Boolean)), [search.fold]);
  const compress = search.idle !== "full";
  const timeline = useMemo(() => layoutTimeline(runs, { now, folded, compress }), [runs, now, folded, compress]);
  const shares = useMemo(() => timeShares(leavesOf(treeOf(runs)), now), [runs, now]);
  const selected = selectedRun(runs, search, execution);

  const select = (run: TaskRun) => push({ run: run.id, task: run.taskId, panel: undefined });
  const close = () => push({ run: undefined, task: undefined, panel: "none" });
  const fold = (id: string) => {
    const next = folded.has(id) ? [...folded].filter((other) => other !== id) : [...folded, id];
    replace({ fold: next.join(",") || undefined });
  };
  const logOf = (run: TaskRun) =>
    void navigate({ to: executionAddress(tenant, execution, "logs"), search: { run: run.id, task: run.taskId } });
  useKeys({ Escape: close, ...(selected ? { l: () => logOf(selected) } : {}) });
  useEffect(() => {
    if (selected) document.getElementById(`lane-${selected.id}`)?.scrollIntoView({ block: "nearest" });
  }, [selected]);

  const wanted = (search.q ?? "").toLowerCase();
  const rows =
    wanted === "" ? timeline.rows : timeline.rows.filter((row) => row.run.taskId.toLowerCase().includes(wanted));
  return (
    <div className="split stack">
      <div className="pane grow">
        <TimelineBar timeline={timeline} />
        {runs.length === 0 ? (
          <EmptyState title={running ? "No task has begun yet" : "No task ran"}>
            {running ? "The first one appears here as soon as it does." : "The execution ended before its first task."}
          </EmptyState>
        ) : (
          <TimelineChart
            timeline={{ ...timeline, rows }}
            selected={selected?.id}
            onSelect={select}
            onFold={fold}
            withPath={search.path !== "off"}
          />
        )}
        {runs.length > 0 && <TimeShares shares={shares} />}
      </div>
      {selected && (
        <RunPanel key={selected.id} tenant={tenant} execution={execution} run={selected} log={log} onClose={close} />
      )}
    </div>
  );
}

function selectedRun(runs: TaskRun[], search: Record<string, string>, execution: Execution): TaskRun | undefined {
  if (search.run) return runs.find((run) => run.id === search.run);
  if (search.panel === "none" || !hasFailed(execution.state.current)) return undefined;
  return firstFailure(runs);
}
