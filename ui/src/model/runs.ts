// The task runs of an execution as a tree: children under their parent, in the order they began.
import type { Execution, StateName, TaskRun } from "../api/types";
import { compareInstants } from "./moments";
import { hasEnded } from "./states";

export interface RunNode {
  run: TaskRun;
  depth: number;
  children: RunNode[];
}

export const runsOf = (execution: Execution | undefined): TaskRun[] => execution?.taskRunList ?? [];

export function treeOf(runs: TaskRun[]): RunNode[] {
  const known = new Set(runs.map((run) => run.id));
  const byParent = Map.groupBy(runs, (run) => {
    const parent = run.parentTaskRunId;
    return parent !== undefined && known.has(parent) ? parent : "";
  });
  const grow = (parent: string, depth: number): RunNode[] =>
    inOrder(byParent.get(parent) ?? []).map((run) => ({ run, depth, children: grow(run.id, depth + 1) }));
  return grow("", 0);
}

const inOrder = (runs: TaskRun[]): TaskRun[] =>
  [...runs].sort((a, b) => compareInstants(a.state.startDate, b.state.startDate));

/** The tree from above to below, without what lies under a folded node. */
export function flatten(nodes: RunNode[], folded: ReadonlySet<string>): RunNode[] {
  return nodes.flatMap((node) => [node, ...(folded.has(node.run.id) ? [] : flatten(node.children, folded))]);
}

export function leavesOf(nodes: RunNode[]): TaskRun[] {
  return nodes.flatMap((node) => (node.children.length ? leavesOf(node.children) : [node.run]));
}

/** The name of a run beside its siblings: the task, and the value or number of its iteration. */
export function detailOf(run: TaskRun): string | undefined {
  if (run.value !== undefined && run.value !== null) return run.value;
  return run.iteration === undefined || run.iteration === null ? undefined : `#${run.iteration}`;
}

/** The earliest failed run that has no failed child: the cause, not the flowable around it. */
export function firstFailure(runs: TaskRun[]): TaskRun | undefined {
  const failed = runs.filter((run) => run.state.current === "FAILED");
  const parents = new Set(failed.map((run) => run.parentTaskRunId));
  const causes = failed.filter((run) => !parents.has(run.id));
  return causes.sort((a, b) => compareInstants(endOf(a), endOf(b)))[0];
}

const endOf = (run: TaskRun): string => run.state.histories.at(-1)?.date ?? run.state.startDate;

export const attemptCount = (run: TaskRun): number => run.attempts?.length ?? 0;

/** Attempts beyond the first one, over all runs. */
export const retryCount = (runs: TaskRun[]): number =>
  runs.reduce((sum, run) => sum + Math.max(0, attemptCount(run) - 1), 0);

export interface Step {
  state: StateName;
  from: number;
  /** Open for what still lasts. */
  to: number | undefined;
}

/** The states one after the other with their span; an end is no span and is left out, a restart begins anew. */
export function stepsOf(state: TaskRun["state"]): Step[] {
  const moments = state.histories;
  return moments.flatMap((moment, index) => {
    if (hasEnded(moment.state)) return [];
    const next = moments[index + 1];
    const to = next ? new Date(next.date).getTime() : undefined;
    return [{ state: moment.state, from: new Date(moment.date).getTime(), to }];
  });
}

/** Milliseconds spent in one of these states until `now`. */
export function timeIn(state: TaskRun["state"], states: readonly StateName[], now: number): number {
  return stepsOf(state)
    .filter((step) => states.includes(step.state))
    .reduce((sum, step) => sum + (step.to ?? now) - step.from, 0);
}
