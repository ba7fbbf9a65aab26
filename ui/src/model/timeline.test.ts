import { describe, expect, test } from "vitest";
import { BEGIN, run, stateOf } from "./samples";
import { criticalPath, layoutTimeline, spansOf } from "./timeline";

const NOW = BEGIN + 100_000;
const OPTIONS = { now: NOW, folded: new Set<string>(), compress: false };

const extract = run("extract", stateOf(["CREATED", 0], ["SUBMITTED", 1], ["RUNNING", 2], ["SUCCESS", 40]));
const load = run("load", stateOf(["CREATED", 40], ["RUNNING", 44], ["FAILED", 100]));

describe("segments", () => {
  test("a run waited, then worked in the colour of its end", () => {
    expect(spansOf(load, NOW).map(({ kind, state }) => [kind, state])).toEqual([
      ["wait", "QUEUED"],
      ["work", "FAILED"],
    ]);
  });

  test("created and submitted are one span of waiting", () => {
    expect(spansOf(extract, NOW).map(({ kind, from, to }) => [kind, (to - from) / 1000])).toEqual([
      ["wait", 2],
      ["work", 38],
    ]);
  });

  test("a run that still runs lasts until now", () => {
    const running = run("r", stateOf(["CREATED", 0], ["RUNNING", 10]));
    expect(spansOf(running, NOW).at(-1)).toMatchObject({ kind: "work", state: "RUNNING", to: NOW });
  });

  test("attempts within one span are parted by their delay", () => {
    const attempts = [
      { state: stateOf(["RUNNING", 1], ["FAILED", 10]) },
      { state: stateOf(["RUNNING", 25], ["SUCCESS", 60]) },
    ];
    const retried = run("r", stateOf(["CREATED", 0], ["RUNNING", 1], ["SUCCESS", 60]), { attempts });
    expect(spansOf(retried, NOW).map(({ kind, state }) => [kind, state])).toEqual([
      ["wait", "QUEUED"],
      ["work", "FAILED"],
      ["delay", "RETRYING"],
      ["work", "SUCCESS"],
    ]);
  });

  test("a pause is a span of its own", () => {
    const paused = run("p", stateOf(["CREATED", 0], ["RUNNING", 1], ["PAUSED", 2], ["SUCCESS", 50]));
    expect(spansOf(paused, NOW).map(({ state }) => state)).toEqual(["QUEUED", "RUNNING", "PAUSED"]);
  });

  test("a restart leaves the time between empty", () => {
    const again = run(
      "a",
      stateOf(["CREATED", 0], ["RUNNING", 1], ["FAILED", 5], ["RESTARTED", 50], ["RUNNING", 51], ["SUCCESS", 60]),
    );
    expect(
      spansOf(again, NOW).map(({ from, to, state }) => [(from - BEGIN) / 1000, (to - BEGIN) / 1000, state]),
    ).toEqual([
      [0, 1, "QUEUED"],
      [1, 5, "FAILED"],
      [50, 51, "QUEUED"],
      [51, 60, "SUCCESS"],
    ]);
  });
});

describe("the layout", () => {
  test("places lie between 0 and 1 in the order of time", () => {
    const { rows } = layoutTimeline([extract, load], OPTIONS);
    const places = rows.flatMap((row) => row.segments.flatMap(({ start, end }) => [start, end]));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect([Math.min(...places), Math.max(...places)]).toEqual([0, 1]);
  });

  test("children stand under their parent, and vanish when it is folded", () => {
    const parent = run("parent", stateOf(["CREATED", 0], ["RUNNING", 1], ["SUCCESS", 50]));
    const child = run("child", stateOf(["CREATED", 1], ["RUNNING", 2], ["FAILED", 30]), { parentTaskRunId: "parent" });
    const open = layoutTimeline([child, parent], OPTIONS);
    expect(open.rows.map((row) => [row.run.id, row.depth])).toEqual([
      ["parent", 0],
      ["child", 1],
    ]);
    expect(open.rows[0]?.segments[0]?.kind).toBe("group");
    const folded = layoutTimeline([child, parent], { ...OPTIONS, folded: new Set(["parent"]) });
    expect(folded.rows.map((row) => [row.run.id, row.state])).toEqual([["parent", "FAILED"]]);
  });

  test("a long idle time is pressed to a band that tells its length", () => {
    const late = run("late", stateOf(["CREATED", 90], ["RUNNING", 90], ["SUCCESS", 100]));
    const early = run("early", stateOf(["CREATED", 0], ["RUNNING", 0], ["SUCCESS", 10]));
    const { gaps, ticks } = layoutTimeline([early, late], { ...OPTIONS, compress: true });
    expect(ticks.map((tick) => tick.after)).toEqual([0, 90_000]);
    expect(gaps).toHaveLength(1);
    expect(gaps[0]?.length).toBe(80_000);
    expect((gaps[0]?.end ?? 0) - (gaps[0]?.start ?? 0)).toBeCloseTo(0.045);
  });

  test("nothing is pressed where hardly anything would be left to see", () => {
    const waits = run("p", stateOf(["CREATED", 0], ["PAUSED", 0], ["SUCCESS", 50]));
    expect(layoutTimeline([waits], { ...OPTIONS, compress: true }).gaps).toEqual([]);
  });

  test("ticks are few, round and outside of pressed gaps", () => {
    const { ticks } = layoutTimeline([extract, load], OPTIONS);
    expect(ticks.map((tick) => tick.after)).toEqual([0, 15_000, 30_000, 45_000, 60_000, 75_000, 90_000]);
  });

  test("nothing to draw is no error", () => {
    expect(layoutTimeline([], OPTIONS).rows).toEqual([]);
  });

  test("10,000 runs are laid out before the test times out", () => {
    const runs = Array.from({ length: 10_000 }, (_, index) =>
      run(`r${index}`, stateOf(["CREATED", index], ["RUNNING", index], ["SUCCESS", index + 1])),
    );
    expect(layoutTimeline(runs, { ...OPTIONS, compress: true }).path.size).toBe(10_000);
  });
});

describe("the critical path", () => {
  test("leads from the last end back to the start through what had to end before", () => {
    const beside = run("beside", stateOf(["CREATED", 0], ["RUNNING", 0], ["SUCCESS", 20]));
    expect(criticalPath([extract, beside, load], NOW).map((leaf) => leaf.id)).toEqual(["extract", "load"]);
  });

  test("is joined across the rows between", () => {
    const beside = run("beside", stateOf(["CREATED", 1], ["RUNNING", 1], ["SUCCESS", 20]));
    const { path, crossings } = layoutTimeline([extract, beside, load], OPTIONS);
    expect(path.get("extract")?.leaves).toBeCloseTo(0.4);
    expect(path.get("load")?.enters).toBeCloseTo(0.4);
    expect(crossings.get("beside")?.[0]).toBeCloseTo(0.4);
  });
});
