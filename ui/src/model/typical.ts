// What is usual: the 95th percentile of how long a flow takes, from the executions at hand.
import type { ExecutionRow } from "../api/types";
import { flowKey } from "./groups";
import { percentile } from "./numbers";

/** Below this many ended executions a percentile says nothing. */
const ENOUGH = 3;

export const tookOf = (execution: ExecutionRow): number | undefined => {
  const { startDate, endDate } = execution.state;
  return endDate ? new Date(endDate).getTime() - new Date(startDate).getTime() : undefined;
};

export function slowestOf(executions: ExecutionRow[]): Map<string, number> {
  const groups = Map.groupBy(executions, flowKey);
  const figures = [...groups.entries()].map(([flow, members]): [string, number | undefined] => {
    const lengths = members.flatMap((member) => tookOf(member) ?? []);
    return [flow, lengths.length >= ENOUGH ? percentile(lengths, 0.95) : undefined];
  });
  return new Map(figures.filter((figure): figure is [string, number] => figure[1] !== undefined && figure[1] > 0));
}
