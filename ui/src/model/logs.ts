// Log lines as the viewer shows them: numbered in order, filtered, grouped by task run and attempt, searched.
import type { Level, LogEntry } from "../api/types";
import { compareInstants } from "./moments";

export interface LogLine {
  number: number;
  entry: LogEntry;
}

/** A head or a line, one row each, so that the list can be virtualised with heads that stick. */
export type LogRow =
  | {
      kind: "head";
      key: string;
      taskRunId: string | undefined;
      taskId: string | undefined;
      attempt: number;
      count: number;
    }
  | { kind: "line"; key: string; line: LogLine };

export interface LogQuery {
  level: Level;
  taskRunId?: string;
  attempt?: number;
}

export const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"] as const;

export type KnownLevel = (typeof LEVELS)[number];

const rankOf = (level: Level): number => LEVELS.indexOf(level as KnownLevel);

export const isLevel = (text: string | undefined): text is KnownLevel => LEVELS.includes(text as KnownLevel);

/** Lines in the order of time, numbered from 1. The number of a line is its address (`line=1187`). */
export function numberLines(entries: LogEntry[]): LogLine[] {
  return entries
    .map((entry, index) => ({ entry, index }))
    .sort((a, b) => compareInstants(a.entry.timestamp, b.entry.timestamp) || a.index - b.index)
    .map(({ entry }, index) => ({ number: index + 1, entry }));
}

/** The search does not filter: it marks. Level, task run and attempt filter. */
export function filterLines(lines: LogLine[], query: LogQuery): LogLine[] {
  const least = rankOf(query.level);
  return lines.filter(
    ({ entry }) =>
      rankOf(entry.level) >= least &&
      (query.taskRunId === undefined || entry.taskRunId === query.taskRunId) &&
      (query.attempt === undefined || attemptOf(entry) === query.attempt),
  );
}

/** Attempts count from 0 in the API and from 1 for people. */
export const attemptOf = (entry: LogEntry): number => (entry.attemptNumber ?? 0) + 1;

export function rowsByTime(lines: LogLine[]): LogRow[] {
  return lines.map((line) => ({ kind: "line", key: `l${line.number}`, line }));
}

/** One group a task run and attempt, in the order of their first line. */
export function rowsByTaskRun(lines: LogLine[], folded: ReadonlySet<string>): LogRow[] {
  const groups = Map.groupBy(lines, groupKey);
  return [...groups.entries()].flatMap(([key, members]) => {
    const first = members[0]?.entry;
    const head: LogRow = {
      kind: "head",
      key,
      taskRunId: first?.taskRunId,
      taskId: first?.taskId,
      attempt: first ? attemptOf(first) : 1,
      count: members.length,
    };
    return folded.has(key) ? [head] : [head, ...rowsByTime(members)];
  });
}

const groupKey = ({ entry }: LogLine): string => `${entry.taskRunId ?? "execution"}:${attemptOf(entry)}`;

export interface Tally {
  errors: number;
  lines: number;
}

export function tallyByRun(lines: LogLine[]): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const { entry } of lines) {
    const key = entry.taskRunId ?? "";
    const tally = tallies.get(key) ?? { errors: 0, lines: 0 };
    tallies.set(key, { errors: tally.errors + (entry.level === "ERROR" ? 1 : 0), lines: tally.lines + 1 });
  }
  return tallies;
}

export function countByLevel(lines: LogLine[]): Record<KnownLevel, number> {
  const counts: Record<KnownLevel, number> = { TRACE: 0, DEBUG: 0, INFO: 0, WARN: 0, ERROR: 0 };
  for (const { entry } of lines) if (isLevel(entry.level)) counts[entry.level] += 1;
  return counts;
}

/** Numbers of the lines that hold the text, in the order shown. */
export function hitsOf(rows: LogRow[], text: string): number[] {
  const wanted = text.toLowerCase();
  if (wanted === "") return [];
  return rows.flatMap((row) =>
    row.kind === "line" && plainText(row.line.entry.message).toLowerCase().includes(wanted) ? [row.line.number] : [],
  );
}

export interface Piece {
  text: string;
  hit: boolean;
  colour?: AnsiColour;
}

/** The text cut at its hits, for marking. */
export function markHits(text: string, wanted: string): Piece[] {
  if (wanted === "") return [{ text, hit: false }];
  const pieces: Piece[] = [];
  const lower = text.toLowerCase();
  const needle = wanted.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(needle); at >= 0; at = lower.indexOf(needle, from)) {
    if (at > from) pieces.push({ text: text.slice(from, at), hit: false });
    pieces.push({ text: text.slice(at, at + needle.length), hit: true });
    from = at + needle.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), hit: false });
  return pieces;
}

export type AnsiColour = "failed" | "success" | "warning" | "running" | "paused" | "subtle";

const ANSI: Record<string, AnsiColour> = {
  "31": "failed",
  "91": "failed",
  "32": "success",
  "92": "success",
  "33": "warning",
  "93": "warning",
  "34": "running",
  "94": "running",
  "36": "running",
  "96": "running",
  "35": "paused",
  "95": "paused",
  "90": "subtle",
  "2": "subtle",
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
const ESCAPE = /\u001b\[([0-9;]*)[A-Za-z]/g;

export const plainText = (message: string): string => message.replace(ESCAPE, "");

/** Colours of the terminal as our tokens; what else an escape asks for is dropped. */
export function readAnsi(message: string): { text: string; colour?: AnsiColour }[] {
  const pieces: { text: string; colour?: AnsiColour }[] = [];
  let colour: AnsiColour | undefined;
  let from = 0;
  for (const match of message.matchAll(ESCAPE)) {
    if (match.index > from) pieces.push({ text: message.slice(from, match.index), colour });
    colour = colourAfter(match[1] ?? "", colour);
    from = match.index + match[0].length;
  }
  if (from < message.length) pieces.push({ text: message.slice(from), colour });
  return pieces;
}

function colourAfter(codes: string, before: AnsiColour | undefined): AnsiColour | undefined {
  return codes.split(";").reduce<AnsiColour | undefined>((colour, code) => {
    if (code === "" || code === "0" || code === "39") return undefined;
    return ANSI[code] ?? colour;
  }, before);
}

/** The text of the error: the last run of ERROR lines of the task run, as one text. */
export function errorText(lines: LogLine[], taskRunId: string): { text: string; line: LogLine } | undefined {
  const own = lines.filter(({ entry }) => entry.taskRunId === taskRunId);
  const last = own.findLastIndex(({ entry }) => entry.level === "ERROR");
  if (last < 0) return undefined;
  let first = last;
  while (first > 0 && own[first - 1]?.entry.level === "ERROR" && last - first < 7) first -= 1;
  const block = own.slice(first, last + 1);
  const line = block[0];
  return line && { text: block.map(({ entry }) => plainText(entry.message)).join("\n"), line };
}

/** The lines around one, of the same task run. */
export function linesAround(lines: LogLine[], taskRunId: string, at: number | undefined, count: number): LogLine[] {
  const own = lines.filter(({ entry }) => entry.taskRunId === taskRunId);
  if (at === undefined) return own.slice(-count);
  const place = own.findIndex((line) => line.number === at);
  const from = Math.max(0, Math.min(place - Math.floor(count / 2), own.length - count));
  return own.slice(from, from + count);
}

/** Where the marks of a minimap stand: places from 0 to 1, the worst level in each of `slots`. */
export function minimapMarks(rows: LogRow[], slots: number): { place: number; level: "ERROR" | "WARN" }[] {
  const worst = new Map<number, "ERROR" | "WARN">();
  rows.forEach((row, index) => {
    if (row.kind !== "line") return;
    const { level } = row.line.entry;
    if (level !== "ERROR" && level !== "WARN") return;
    const slot = Math.floor((index / rows.length) * slots);
    if (worst.get(slot) !== "ERROR") worst.set(slot, level);
  });
  return [...worst.entries()].map(([slot, level]) => ({ place: slot / slots, level }));
}

/** The head of the group a row lies in, so that it can stick while its lines pass. */
export function headAt(rows: LogRow[], index: number): LogRow | undefined {
  for (let at = Math.min(index, rows.length - 1); at >= 0; at -= 1) {
    const row = rows[at];
    if (row?.kind === "head") return row;
  }
  return undefined;
}

/** The number of the next line of level ERROR after a line, from the top again at the end; backwards likewise. */
export function nextError(rows: LogRow[], after: number | undefined, step: 1 | -1): number | undefined {
  const errors = rows.flatMap((row) =>
    row.kind === "line" && row.line.entry.level === "ERROR" ? [row.line.number] : [],
  );
  const place = errors.indexOf(after ?? -1);
  if (place >= 0) return errors.at((place + step) % errors.length);
  return step > 0
    ? (errors.find((number) => number > (after ?? 0)) ?? errors[0])
    : errors.findLast((number) => number < (after ?? Number.POSITIVE_INFINITY));
}
