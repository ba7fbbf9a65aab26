// Small task runs for the tests of this folder.
import type { ExecutionRow, FlowRow, Moment, TaskRun } from "../api/types";

export const BEGIN = new Date("2026-11-25T06:00:00Z").getTime();

const iso = (second: number) => new Date(BEGIN + second * 1000).toISOString();

export function stateOf(...moments: [Moment["state"], number][]): TaskRun["state"] {
  const histories = moments.map(([state, second]) => ({ state, date: iso(second) }));
  return { current: moments.at(-1)?.[0] ?? "CREATED", histories, startDate: iso(moments[0]?.[1] ?? 0) };
}

export function run(id: string, state: TaskRun["state"], more: Partial<TaskRun> = {}): TaskRun {
  return { id, taskId: id, state, ...more };
}

export const execution = (id: string, flowId: string, state: ExecutionRow["state"]): ExecutionRow => ({
  tenantId: "main",
  id,
  namespace: "company",
  flowId,
  flowRevision: 1,
  originalId: id,
  state,
});

export const flow = (namespace: string, id: string): FlowRow => ({
  namespace,
  id,
  revision: 1,
  disabled: false,
  deleted: false,
});
