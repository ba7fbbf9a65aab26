// Where the time went: the time along the critical path by what it was spent on, the largest part first.
import type { StateName, TaskRun } from "../api/types";
import { criticalPath, spansOf } from "./timeline";

export interface Share {
  label: string;
  state: StateName;
  length: number;
  /** Percent of the whole. */
  percent: number;
}

const WAITED = "waiting for a worker";
const PAUSED = "waiting for a person";
const DELAYED = "retry delays";

export function timeShares(leaves: TaskRun[], now: number): Share[] {
  const lengths = new Map<string, { state: StateName; length: number }>();
  for (const run of criticalPath(leaves, now)) {
    for (const span of spansOf(run, now)) {
      const label = labelOf(run, span.kind, span.state);
      const known = lengths.get(label);
      const state = span.state === "FAILED" ? span.state : (known?.state ?? span.state);
      lengths.set(label, { state, length: (known?.length ?? 0) + span.to - span.from });
    }
  }
  const total = [...lengths.values()].reduce((sum, part) => sum + part.length, 0);
  return [...lengths.entries()]
    .map(([label, part]) => ({ label, ...part, percent: total > 0 ? (part.length / total) * 100 : 0 }))
    .filter((share) => share.length > 0)
    .sort((a, b) => b.length - a.length);
}

function labelOf(run: TaskRun, kind: string, state: StateName): string {
  if (kind === "wait") return WAITED;
  if (kind === "delay") return DELAYED;
  return state === "PAUSED" || state === "BREAKPOINT" ? PAUSED : run.taskId;
}
