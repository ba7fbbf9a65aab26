// What starts a flow: its kind by the type's last word, and when it starts it next.
import { flowKey } from "./groups";

export type TriggerKind = "schedule" | "webhook" | "flow" | "realtime" | "polling";

export function triggerKind(type: string): TriggerKind {
  const last = type.split(".").at(-1) ?? "";
  if (/schedule/i.test(last)) return "schedule";
  if (/webhook/i.test(last)) return "webhook";
  if (last === "Flow") return "flow";
  return /realtime/i.test(last) ? "realtime" : "polling";
}

interface StateOfTrigger {
  namespace: string;
  flowId: string;
  nextEvaluationDate?: string;
  disabled?: boolean;
}

/** The earliest next date of each flow; disabled triggers start nothing. */
export function nextDates(pairs: { state: StateOfTrigger }[]): Map<string, string> {
  const dates = new Map<string, string>();
  for (const { state } of pairs) {
    const known = dates.get(flowKey(state));
    const date = state.nextEvaluationDate;
    if (date && !state.disabled && (known === undefined || date < known)) dates.set(flowKey(state), date);
  }
  return dates;
}

/** How a trigger starts the flow when it has no date: in words. */
export const onDemand: Record<TriggerKind, string> = {
  schedule: "no date",
  webhook: "on request",
  flow: "after a flow",
  realtime: "on message",
  polling: "when found",
};
