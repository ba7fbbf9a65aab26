// Points in time as the reader wants them: short where the day is clear, in a given zone, exact on demand.
const pad = (value: number) => String(value).padStart(2, "0");

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const formats = new Map<string | undefined, Intl.DateTimeFormat>();

/** Formats are dear to make and a log has a moment in every line, so there is one for each zone. */
function formatFor(zone: string | undefined): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(zone, format);
  return format;
}

function partsOf(instant: number, zone: string | undefined): Parts {
  const parts = formatFor(zone).formatToParts(instant);
  return Object.fromEntries(parts.map((part) => [part.type, Number(part.value)])) as unknown as Parts;
}

/** Today `06:00:00`, this year `25 Nov 06:00`, else `25 Nov 2025`. */
export function formatMoment(instant: number, now: number, zone?: string): string {
  const then = partsOf(instant, zone);
  const today = partsOf(now, zone);
  if (then.year !== today.year) return `${then.day} ${MONTHS[then.month - 1]} ${then.year}`;
  if (then.month === today.month && then.day === today.day) return formatClock(instant, zone);
  return `${then.day} ${MONTHS[then.month - 1]} ${pad(then.hour)}:${pad(then.minute)}`;
}

/** The title of an execution: `25 Nov 06:00`, whatever day it is. */
export function formatDayAndTime(instant: number, zone?: string): string {
  const then = partsOf(instant, zone);
  return `${then.day} ${MONTHS[then.month - 1]} ${pad(then.hour)}:${pad(then.minute)}`;
}

export function formatClock(instant: number, zone?: string): string {
  const then = partsOf(instant, zone);
  return `${pad(then.hour)}:${pad(then.minute)}:${pad(then.second)}`;
}

/** The clock with milliseconds, as log lines show it. */
export function formatPreciseClock(instant: number, zone?: string): string {
  const thousandths = String(((instant % 1000) + 1000) % 1000).padStart(3, "0");
  return `${formatClock(instant, zone)}.${thousandths}`;
}

/** Relative under a day ("24 min ago"), else as formatMoment. */
export function formatAge(instant: number, now: number, zone?: string): string {
  const seconds = Math.floor((now - instant) / 1000);
  if (seconds < 0) return formatMoment(instant, now, zone);
  if (seconds < 5) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return formatMoment(instant, now, zone);
}

/** For the hover card: the reader's zone and UTC. */
export function formatExactly(instant: number): string {
  const local = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" }).format(instant);
  return `${local}\n${new Date(instant).toISOString()}`;
}

/** The order of two instants as the API writes them: with up to nine digits behind the second, or none. */
export function compareInstants(a: string, b: string): number {
  const [first, second] = [a.replace(/Z$/, ""), b.replace(/Z$/, "")];
  return first < second ? -1 : first > second ? 1 : 0;
}
