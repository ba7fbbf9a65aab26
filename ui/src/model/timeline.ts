// The timeline as figures: rows of segments between 0 and 1, ticks, compressed gaps and the critical path. Knows nothing of
// pixels or SVG; `features/execution/timeline` draws what stands here.
import type { StateName, TaskRun } from "../api/types";
import { flatten, leavesOf, type RunNode, type Step, stepsOf, treeOf } from "./runs";
import { buildScale, type Gap, type Scale, type Tick, ticksOf } from "./scale";
import { hasEnded, worst } from "./states";

export type SegmentKind = "wait" | "work" | "delay" | "group";

export interface Segment {
  kind: SegmentKind;
  state: StateName;
  from: number;
  to: number;
  start: number;
  end: number;
}

export interface TimelineRow {
  run: TaskRun;
  depth: number;
  folds: boolean;
  folded: boolean;
  state: StateName;
  segments: Segment[];
  took: number;
}

/** A stroke of the critical path in one row: along its bar, and where it came from and goes to. */
export interface PathMark {
  start: number;
  end: number;
  enters?: number;
  leaves?: number;
}

export interface Timeline {
  rows: TimelineRow[];
  ticks: Tick[];
  gaps: Gap[];
  from: number;
  to: number;
  /** By task run id; rows that the path only crosses are there with `crosses`. */
  path: Map<string, PathMark>;
  crossings: Map<string, number[]>;
  pathLength: number;
}

export interface TimelineOptions {
  now: number;
  folded: ReadonlySet<string>;
  compress: boolean;
}

const WAITING: readonly StateName[] = ["CREATED", "SUBMITTED", "QUEUED", "RESTARTED"];
const DELAYED: readonly StateName[] = ["RETRYING", "RETRIED", "RESUBMITTED"];

interface Span {
  kind: SegmentKind;
  state: StateName;
  from: number;
  to: number;
}

export function layoutTimeline(runs: TaskRun[], options: TimelineOptions): Timeline {
  const tree = treeOf(runs);
  const leaves = leavesOf(tree);
  const spans = new Map(leaves.map((run) => [run.id, spansOf(run, options.now)]));
  const scale = buildScale(boundsOf(runs, options.now), workOf(spans), options.compress);
  const rows = flatten(tree, options.folded).map((node) => rowOf(node, spans, scale, options));
  const chain = criticalPath(leaves, options.now);
  const { path, crossings } = tracePath(chain, rows, scale, options.now);
  const pathLength = chain.reduce((sum, run) => sum + endOf(run, options.now) - startOf(run), 0);
  return { rows, ticks: ticksOf(scale), gaps: scale.gaps, from: scale.from, to: scale.to, path, crossings, pathLength };
}

const startOf = (run: TaskRun): number => new Date(run.state.histories[0]?.date ?? run.state.startDate).getTime();

function endOf(run: TaskRun, now: number): number {
  const last = run.state.histories.at(-1);
  return last && hasEnded(last.state) ? new Date(last.date).getTime() : now;
}

function boundsOf(runs: TaskRun[], now: number): [number, number] {
  if (runs.length === 0) return [now, now + 1];
  const from = runs.reduce((least, run) => Math.min(least, startOf(run)), Number.POSITIVE_INFINITY);
  const to = runs.reduce((most, run) => Math.max(most, endOf(run, now)), from + 1);
  return [from, to];
}

/** What a run did, one span after the other: waited, worked (one span an attempt), waited for the next attempt. */
export function spansOf(run: TaskRun, now: number): Span[] {
  const spans = stepsOf(run.state).flatMap((step, index, steps) =>
    spansOfStep(run, step, outcomeAfter(run, steps, index), now),
  );
  return spans.reduce(joinAlike, []);
}

/** Created and submitted are both waiting: one span, not two. */
function joinAlike(spans: Span[], next: Span): Span[] {
  const last = spans.at(-1);
  const alike = last && last.kind === "wait" && next.kind === "wait" && last.to === next.from;
  return alike ? [...spans.slice(0, -1), { ...last, to: next.to }] : [...spans, next];
}

function outcomeAfter(run: TaskRun, steps: Step[], index: number): StateName {
  const step = steps[index];
  const next = run.state.histories.find(
    (moment) => new Date(moment.date).getTime() === step?.to && hasEnded(moment.state),
  );
  if (next) return next.state;
  return index === steps.length - 1 ? run.state.current : (step?.state ?? run.state.current);
}

function spansOfStep(run: TaskRun, step: Step, outcome: StateName, now: number): Span[] {
  const to = step.to ?? now;
  if (WAITING.includes(step.state)) return [{ kind: "wait", state: "QUEUED", from: step.from, to }];
  if (DELAYED.includes(step.state)) return [{ kind: "delay", state: "RETRYING", from: step.from, to }];
  if (step.state !== "RUNNING") return [{ kind: "work", state: step.state, from: step.from, to }];
  return attemptsWithin(run, step.from, to, outcome, now);
}

function attemptsWithin(run: TaskRun, from: number, to: number, outcome: StateName, now: number): Span[] {
  const attempts = (run.attempts ?? [])
    .map((attempt) => attemptSpan(attempt.state, now))
    .filter((attempt) => attempt.from < to && attempt.to >= from);
  if (attempts.length === 0) return [{ kind: "work", state: outcome, from, to }];
  const single = attempts.length === 1 ? attempts[0] : undefined;
  if (single) return [{ kind: "work", state: hasEnded(single.state) ? single.state : outcome, from, to }];
  return attempts.flatMap((attempt, index): Span[] => {
    const next = attempts[index + 1];
    const work: Span = { kind: "work", ...attempt };
    return next && next.from > attempt.to
      ? [work, { kind: "delay", state: "RETRYING", from: attempt.to, to: next.from }]
      : [work];
  });
}

function attemptSpan(state: TaskRun["state"], now: number): Omit<Span, "kind"> {
  const last = state.histories.at(-1);
  const to = last && hasEnded(last.state) ? new Date(last.date).getTime() : now;
  return { state: state.current, from: new Date(state.startDate).getTime(), to };
}

function workOf(spans: Map<string, Span[]>): [number, number][] {
  return [...spans.values()].flat().flatMap((span) => {
    const idle = span.kind !== "work" || span.state === "PAUSED" || span.state === "BREAKPOINT";
    return idle ? [] : [[span.from, span.to] as [number, number]];
  });
}

function rowOf(node: RunNode, spans: Map<string, Span[]>, scale: Scale, options: TimelineOptions): TimelineRow {
  const { run, depth, children } = node;
  const folds = children.length > 0;
  const parts = folds ? [groupSpan(node, options.now)] : (spans.get(run.id) ?? []);
  const segments = parts.map((span) => ({ ...span, start: scale.place(span.from), end: scale.place(span.to) }));
  const folded = folds && options.folded.has(run.id);
  const took = endOf(run, options.now) - startOf(run);
  return { run, depth, folds, folded, state: folded ? worstWithin(node) : run.state.current, segments, took };
}

function groupSpan(node: RunNode, now: number): Span {
  return { kind: "group", state: worstWithin(node), from: startOf(node.run), to: endOf(node.run, now) };
}

function worstWithin(node: RunNode): StateName {
  return worst([node.run.state.current, ...node.children.map(worstWithin)]) ?? node.run.state.current;
}

/** From the run that ended last back through the runs that had to end before: the chain that made it last so long. */
export function criticalPath(leaves: TaskRun[], now: number): TaskRun[] {
  const chain: TaskRun[] = [];
  let limit = Number.POSITIVE_INFINITY;
  for (const run of [...leaves].sort((a, b) => endOf(b, now) - endOf(a, now))) {
    if (endOf(run, now) > limit) continue;
    chain.unshift(run);
    limit = startOf(run);
  }
  return chain;
}

function tracePath(chain: TaskRun[], rows: TimelineRow[], scale: Scale, now: number) {
  const places = new Map(rows.map((row, index) => [row.run.id, index]));
  const visible = chain.filter((run) => places.has(run.id));
  const path = new Map<string, PathMark>();
  const crossings = new Map<string, number[]>();
  for (const run of visible) {
    path.set(run.id, { start: scale.place(startOf(run)), end: scale.place(endOf(run, now)) });
  }
  visible.slice(1).forEach((run, index) => {
    const before = visible[index];
    if (before) joinRows(before, run);
  });
  return { path, crossings };

  function joinRows(before: TaskRun, after: TaskRun): void {
    const [upper, lower] = [places.get(before.id) ?? 0, places.get(after.id) ?? 0];
    const left = path.get(before.id);
    const right = path.get(after.id);
    if (!left || !right) return;
    if (upper > lower) return;
    left.leaves = left.end;
    right.enters = left.end;
    for (const row of rows.slice(upper + 1, lower)) {
      crossings.set(row.run.id, [...(crossings.get(row.run.id) ?? []), left.end]);
    }
  }
}
