import { describe, expect, test } from "vitest";
import type { LogEntry } from "../api/types";
import {
  errorText,
  filterLines,
  headAt,
  hitsOf,
  markHits,
  minimapMarks,
  nextError,
  numberLines,
  readAnsi,
  rowsByTaskRun,
  rowsByTime,
} from "./logs";

const entry = (
  second: number,
  level: LogEntry["level"],
  message: string,
  taskRunId = "a",
  attemptNumber = 0,
): LogEntry => ({
  namespace: "company",
  flowId: "f",
  level,
  message,
  taskRunId,
  taskId: taskRunId,
  attemptNumber,
  timestamp: `2026-11-25T06:00:${String(second).padStart(2, "0")}.000000Z`,
});

const LINES = numberLines([
  entry(3, "ERROR", "Name discount_cents not found"),
  entry(1, "INFO", "START model fct_orders"),
  entry(2, "ERROR", "Database Error"),
  entry(4, "DEBUG", "done", "b"),
]);

describe("log lines", () => {
  test("are numbered in the order of time", () => {
    expect(LINES.map((line) => [line.number, line.entry.message])).toEqual([
      [1, "START model fct_orders"],
      [2, "Database Error"],
      [3, "Name discount_cents not found"],
      [4, "done"],
    ]);
  });

  test("are filtered by level and run, and keep their numbers", () => {
    expect(filterLines(LINES, { level: "WARN" }).map((line) => line.number)).toEqual([2, 3]);
    expect(filterLines(LINES, { level: "TRACE", taskRunId: "b" }).map((line) => line.number)).toEqual([4]);
  });

  test("are grouped by task run, and a folded group keeps its head", () => {
    const rows = rowsByTaskRun(LINES, new Set(["a:1"]));
    expect(rows.map((row) => (row.kind === "head" ? `${row.taskId} ${row.count}` : row.line.number))).toEqual([
      "a 3",
      "b 1",
      4,
    ]);
  });

  test("are searched without regard to case", () => {
    expect(hitsOf(rowsByTime(LINES), "DISCOUNT")).toEqual([3]);
    expect(markHits("a discount, Discount", "discount").filter((piece) => piece.hit)).toHaveLength(2);
  });

  test("give the error as the last block of error lines", () => {
    const found = errorText(LINES, "a");
    expect(found?.text).toBe("Database Error\nName discount_cents not found");
    expect(found?.line.number).toBe(2);
    expect(errorText(LINES, "b")).toBeUndefined();
  });

  test("carry the colours of a terminal as our tokens", () => {
    expect(readAnsi("1 \u001b[32mOK\u001b[0m done")).toEqual([
      { text: "1 ", colour: undefined },
      { text: "OK", colour: "success" },
      { text: " done", colour: undefined },
    ]);
  });

  test("are walked through error by error, from the top again at the end", () => {
    const rows = rowsByTime(LINES);
    expect([nextError(rows, undefined, 1), nextError(rows, 2, 1), nextError(rows, 3, 1)]).toEqual([2, 3, 2]);
    expect([nextError(rows, undefined, -1), nextError(rows, 2, -1)]).toEqual([3, 3]);
    expect(nextError([], undefined, 1)).toBeUndefined();
  });

  test("know the head of their group", () => {
    const rows = rowsByTaskRun(LINES, new Set());
    expect(headAt(rows, 2)).toMatchObject({ taskId: "a" });
    expect(headAt(rows, 5)).toMatchObject({ taskId: "b" });
    expect(headAt(rowsByTime(LINES), 2)).toBeUndefined();
  });

  test("mark the worst level of each place on the minimap", () => {
    const rows = rowsByTime(
      numberLines([...LINES.map((line) => line.entry), entry(5, "WARN", "late"), entry(6, "INFO", "end")]),
    );
    expect(minimapMarks(rows, 2)).toEqual([
      { place: 0, level: "ERROR" },
      { place: 0.5, level: "WARN" },
    ]);
    expect(minimapMarks(rows, 1)).toEqual([{ place: 0, level: "ERROR" }]);
  });
});
