// Lengths of time: read from ISO 8601, measured between moments, written in at most two units, never rounded up.
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const ISO = /^([+-])?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;

/** Milliseconds of an ISO duration of weeks, days, hours, minutes and seconds; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const parts = ISO.exec(text.trim());
  if (!parts || /[PT]$/i.test(text.trim())) return undefined;
  const [, sign, weeks, days, hours, minutes, seconds] = parts;
  const amount = (part: string | undefined, unit: number) => Number(part ?? 0) * unit;
  const total =
    amount(weeks, 7 * DAY) +
    amount(days, DAY) +
    amount(hours, HOUR) +
    amount(minutes, MINUTE) +
    amount(seconds, SECOND);
  return sign === "-" ? -total : total;
}

/** `0.6s`, `45s`, `4m 40s`, `1h 12m`, `3d 4h`. */
export function formatDuration(milliseconds: number): string {
  const length = Math.max(0, milliseconds);
  if (length < 10 * SECOND) return shortSeconds(length);
  if (length < MINUTE) return `${Math.floor(length / SECOND)}s`;
  if (length < HOUR) return `${count(length, MINUTE)}m ${twoDigits(count(length % MINUTE, SECOND))}s`;
  if (length < DAY) return `${count(length, HOUR)}h ${twoDigits(count(length % HOUR, MINUTE))}m`;
  return `${count(length, DAY)}d ${count(length % DAY, HOUR)}h`;
}

const count = (length: number, unit: number): number => Math.floor(length / unit);
const twoDigits = (value: number): string => String(value).padStart(2, "0");

function shortSeconds(length: number): string {
  const tenths = Math.floor(length / 100) / 10;
  if (tenths === 0 && length >= 1) return `${Math.floor(length)}ms`;
  return `${tenths}s`;
}

/** How a duration that somebody types reads: `PT20M` is "20 min". */
export function readDuration(text: string): string | undefined {
  const length = parseDuration(text);
  if (length === undefined) return undefined;
  const units: [number, string][] = [
    [DAY, "d"],
    [HOUR, "h"],
    [MINUTE, "min"],
    [SECOND, "s"],
  ];
  const words: string[] = [];
  let rest = Math.abs(length);
  for (const [unit, word] of units) {
    const count = unit === SECOND ? rest / SECOND : Math.floor(rest / unit);
    if (count > 0) words.push(`${count} ${word}`);
    rest -= count * unit;
  }
  return words.length ? words.join(" ") : "0 s";
}
