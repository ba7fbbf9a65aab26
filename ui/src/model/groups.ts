// Flows grouped by their namespace, and the latest executions that belong to each.
import type { ExecutionRow, FlowRow } from "../api/types";
import { compareInstants } from "./moments";

export interface FlowGroup {
  namespace: string;
  flows: FlowRow[];
}

/** Groups in the order of their names, flows inside in the order of theirs. */
export function groupByNamespace(flows: FlowRow[]): FlowGroup[] {
  const groups = Map.groupBy(flows, (flow) => flow.namespace);
  return [...groups.entries()]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([namespace, members]) => ({ namespace, flows: members.sort((a, b) => a.id.localeCompare(b.id)) }));
}

export const flowKey = (flow: { namespace: string; flowId: string }): string => `${flow.namespace}/${flow.flowId}`;

/** The executions of each flow, oldest first, at most `count` of them. */
export function historyByFlow(executions: ExecutionRow[], count: number): Map<string, ExecutionRow[]> {
  const histories = new Map<string, ExecutionRow[]>();
  const newestFirst = [...executions].sort((a, b) => compareInstants(b.state.startDate, a.state.startDate));
  for (const execution of newestFirst) {
    const history = histories.get(flowKey(execution)) ?? [];
    if (history.length < count) histories.set(flowKey(execution), [execution, ...history]);
  }
  return histories;
}

/** Labels come as a list or as a map, as their author wrote them. */
export function labelsOf(labels: unknown): { key: string; value: string }[] {
  if (Array.isArray(labels)) return labels.filter((label) => !isSystem(label.key));
  if (labels === null || typeof labels !== "object") return [];
  return Object.entries(labels)
    .map(([key, value]) => ({ key, value: String(value) }))
    .filter((label) => !isSystem(label.key));
}

const isSystem = (key: string): boolean => key.startsWith("system.") || key.startsWith("internal.");
