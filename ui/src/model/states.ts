// What a state of the API means to the reader: its word, its colour token, whether it has ended.
import type { StateName } from "../api/types";

export type StateToken =
  | "created"
  | "queued"
  | "running"
  | "paused"
  | "success"
  | "warning"
  | "failed"
  | "killing"
  | "killed"
  | "cancelled"
  | "retrying"
  | "skipped"
  | "breakpoint";

interface Meaning {
  token: StateToken;
  word: string;
  ended: boolean;
}

const MEANINGS: Record<string, Meaning> = {
  CREATED: { token: "created", word: "Created", ended: false },
  RESTARTED: { token: "created", word: "Restarted", ended: false },
  QUEUED: { token: "queued", word: "Queued", ended: false },
  SUBMITTED: { token: "queued", word: "Submitted", ended: false },
  RUNNING: { token: "running", word: "Running", ended: false },
  PAUSED: { token: "paused", word: "Paused", ended: false },
  BREAKPOINT: { token: "breakpoint", word: "Breakpoint", ended: false },
  RETRYING: { token: "retrying", word: "Retrying", ended: false },
  KILLING: { token: "killing", word: "Killing", ended: false },
  SUCCESS: { token: "success", word: "Success", ended: true },
  WARNING: { token: "warning", word: "Warning", ended: true },
  FAILED: { token: "failed", word: "Failed", ended: true },
  KILLED: { token: "killed", word: "Killed", ended: true },
  CANCELLED: { token: "cancelled", word: "Cancelled", ended: true },
  RETRIED: { token: "retrying", word: "Retried", ended: true },
  RESUBMITTED: { token: "retrying", word: "Resubmitted", ended: true },
  SKIPPED: { token: "skipped", word: "Skipped", ended: true },
};

/** Worst last, so that a folded group shows the state that matters. */
const SEVERITY: StateToken[] = [
  "skipped",
  "success",
  "created",
  "queued",
  "running",
  "retrying",
  "paused",
  "breakpoint",
  "warning",
  "cancelled",
  "killing",
  "killed",
  "failed",
];

export const STATE_NAMES = Object.keys(MEANINGS);

/** A state this page does not know keeps its name and looks like one that is not over. */
const meaningOf = (state: StateName): Meaning =>
  MEANINGS[state] ?? { token: "created", word: state.charAt(0) + state.slice(1).toLowerCase(), ended: false };

export const tokenOf = (state: StateName): StateToken => meaningOf(state).token;
export const wordOf = (state: StateName): string => meaningOf(state).word;
export const hasEnded = (state: StateName): boolean => meaningOf(state).ended;
export const hasFailed = (state: StateName): boolean => state === "FAILED";

/** Quiet states are written in grey: success is quiet, trouble is loud. */
export const isQuiet = (state: StateName): boolean => ["success", "skipped", "created"].includes(tokenOf(state));

export const canBeKilled = (state: StateName): boolean => !hasEnded(state) && state !== "KILLING";
export const canBeResumed = (state: StateName): boolean => state === "PAUSED";

export function worst(states: StateName[]): StateName | undefined {
  const rank = (state: StateName) => SEVERITY.indexOf(tokenOf(state));
  return states.reduce<StateName | undefined>(
    (found, state) => (found === undefined || rank(state) > rank(found) ? state : found),
    undefined,
  );
}

export const isStateName = (text: string): boolean => text in MEANINGS;
