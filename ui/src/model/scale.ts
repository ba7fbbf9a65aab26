// The time axis: moments to places between 0 and 1, long idle gaps pressed to a band, and ticks at round distances.
export interface Gap {
  start: number;
  end: number;
  length: number;
}

export interface Tick {
  place: number;
  /** Milliseconds since the beginning of the axis. */
  after: number;
}

export interface Scale {
  from: number;
  to: number;
  gaps: Gap[];
  place: (moment: number) => number;
}

type Range = [number, number];

/** A gap is pressed when it is longer than this share of the whole. */
const LONG = 0.2;
/** The width of the band a gap is pressed to. */
const BAND = 0.045;
const MOST_TICKS = 9;

const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000,
];

/** What must remain to be seen, in milliseconds or as a share of the whole, or nothing is pressed. */
const WORTH_SEEING = { length: 1000, share: 0.01 };

export function buildScale([from, to]: Range, work: Range[], compress: boolean): Scale {
  const end = Math.max(to, from + 1);
  const idle = compress ? pressable([from, end], work) : [];
  const bands = Math.min(idle.length * BAND, 0.5);
  const shown = end - from - lengthOf(idle);
  const perUnit = shown > 0 ? (1 - bands) / shown : 0;
  const band = idle.length ? bands / idle.length : 0;
  const place = (moment: number) => placeOf(Math.min(Math.max(moment, from), end), from, idle, perUnit, band);
  const gaps = idle.map(([a, b]) => ({ start: place(a), end: place(b), length: b - a }));
  return { from, to: end, gaps, place };
}

function pressable([from, end]: Range, work: Range[]): Range[] {
  const long = idleRanges([from, end], work).filter(([a, b]) => b - a > (end - from) * LONG);
  const left = end - from - lengthOf(long);
  return left >= WORTH_SEEING.length || left >= (end - from) * WORTH_SEEING.share ? long : [];
}

function placeOf(moment: number, from: number, idle: Range[], perUnit: number, band: number): number {
  let place = (moment - from) * perUnit;
  for (const [start, end] of idle) {
    if (moment <= start) break;
    const inside = Math.min(moment, end) - start;
    place += (inside / (end - start)) * band - inside * perUnit;
  }
  return place;
}

const lengthOf = (ranges: Range[]): number => ranges.reduce((sum, [a, b]) => sum + b - a, 0);

/** The parts of the whole during which nothing worked. */
export function idleRanges([from, to]: Range, work: Range[]): Range[] {
  const idle: Range[] = [];
  let covered = from;
  for (const [start, end] of [...work].sort((a, b) => a[0] - b[0])) {
    if (start > covered) idle.push([covered, start]);
    covered = Math.max(covered, end);
  }
  if (to > covered) idle.push([covered, to]);
  return idle;
}

export function ticksOf(scale: Scale): Tick[] {
  const length = scale.to - scale.from;
  const step =
    STEPS.find((size) => length / size <= MOST_TICKS) ?? Math.ceil(length / MOST_TICKS / 86_400_000) * 86_400_000;
  const ticks: Tick[] = [];
  for (let after = 0; after <= length; after += step) {
    const place = scale.place(scale.from + after);
    const hidden = scale.gaps.some((gap) => place > gap.start && place < gap.end);
    if (!hidden) ticks.push({ place, after });
  }
  return ticks;
}
