// The last runs of a flow as bars: height is duration, colour is state; and what they say in figures.
import type { ExecutionRow, StateName } from "../api/types";
import { percentile } from "./numbers";
import { hasEnded } from "./states";
import { tookOf } from "./typical";

export interface Bar {
  id: string;
  state: StateName;
  /** Share of the longest run, at least a tenth so that a quick run is still seen. */
  height: number;
}

const LEAST = 0.12;

export function barsOf(history: ExecutionRow[], now: number): Bar[] {
  const lengthOf = (row: ExecutionRow) => tookOf(row) ?? now - new Date(row.state.startDate).getTime();
  const longest = Math.max(1, ...history.map(lengthOf));
  return history.map((row) => ({
    id: row.id,
    state: row.state.current,
    height: Math.max(LEAST, Math.min(1, lengthOf(row) / longest)),
  }));
}

export interface Reliability {
  ended: number;
  failed: number;
  /** Percent of the ended runs that did not fail. */
  success: number | undefined;
  p50: number | undefined;
  p95: number | undefined;
}

export function reliabilityOf(history: ExecutionRow[]): Reliability {
  const ended = history.filter((row) => hasEnded(row.state.current));
  const failed = ended.filter((row) => ["FAILED", "KILLED", "CANCELLED"].includes(row.state.current)).length;
  const good = ended.filter((row) => row.state.current === "SUCCESS").flatMap((row) => tookOf(row) ?? []);
  return {
    ended: ended.length,
    failed,
    success: ended.length ? Math.floor(((ended.length - failed) / ended.length) * 1000) / 10 : undefined,
    p50: percentile(good, 0.5),
    p95: percentile(good, 0.95),
  };
}
