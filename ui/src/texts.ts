// Sentences with a number in them, so that no component builds one from pieces.
import { formatCount } from "./model/numbers";

const plural = (count: number, one: string, many: string): string => `${formatCount(count)} ${count === 1 ? one : many}`;

export const texts = {
  executions: (count: number) => plural(count, "execution", "executions"),
  flows: (count: number) => plural(count, "flow", "flows"),
  lines: (count: number) => plural(count, "line", "lines"),
  runs: (count: number) => plural(count, "run", "runs"),
  values: (count: number) => plural(count, "value", "values"),
  tasks: (count: number) => plural(count, "task", "tasks"),
  attempts: (count: number) => plural(count, "attempt", "attempts"),
  newExecutions: (count: number) => `${formatCount(count)} new`,
  shownOf: (shown: number, total: number) =>
    shown < total ? `${formatCount(shown)} of ${formatCount(total)} shown, scroll for more` : plural(total, "row", "rows"),
  linesShown: (shown: number, total: number) =>
    shown < total ? `${plural(total, "line", "lines")}, ${formatCount(shown)} shown` : plural(total, "line", "lines"),
  hits: (at: number, count: number) => (count === 0 ? "no hit" : `${at} of ${count}`),
  inputsWrong: (names: string[]) =>
    `${names.length === 1 ? "1 input needs" : `${names.length} inputs need`} a look: ${names.join(", ")}`,
  killed: (count: number) => (count === 1 ? "Kill this execution?" : `Kill ${count} executions?`),
  filesChosen: (name: string, size: string) => `${name}, ${size}`,
} as const;
