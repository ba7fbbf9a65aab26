// Sentences with a number in them, so that no component builds one from pieces.
import { formatCount } from "./model/numbers";

const plural = (count: number, one: string, many: string): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

export const texts = {
  executions: (count: number) => plural(count, "execution", "executions"),
  flows: (count: number) => plural(count, "flow", "flows"),
  lines: (count: number) => plural(count, "line", "lines"),
  runs: (count: number) => plural(count, "run", "runs"),
  tasks: (count: number) => plural(count, "task", "tasks"),
  newExecutions: (count: number) => `${formatCount(count)} new`,
  shownOf: (shown: number, total: number) =>
    shown < total
      ? `${formatCount(shown)} of ${formatCount(total)} shown, scroll for more`
      : plural(total, "row", "rows"),
  linesShown: (shown: number, total: number) =>
    shown < total ? `${plural(total, "line", "lines")}, ${formatCount(shown)} shown` : plural(total, "line", "lines"),
  hits: (at: number, count: number) => (count === 0 ? "no hit" : `${at} of ${count}`),
  inputsWrong: (names: string[]) =>
    `${names.length === 1 ? "1 input needs" : `${names.length} inputs need`} a look: ${names.join(", ")}`,
  killedTasks: (count: number) => {
    if (count === 0) return "No task runs at the moment; the execution ends at once.";
    const who =
      count === 1
        ? "1 task that is under way is told to stop and then ended."
        : `${formatCount(count)} tasks that are under way are told to stop and then ended.`;
    return `${who} What was written stays.`;
  },
  killed: (count: number) => (count === 1 ? "Kill this execution?" : `Kill ${count} executions?`),
} as const;
