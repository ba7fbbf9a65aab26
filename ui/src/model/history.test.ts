import { describe, expect, test } from "vitest";
import type { Moment } from "../api/types";
import { barsOf, reliabilityOf } from "./history";
import { BEGIN, execution, stateOf } from "./samples";

const row = (id: string, end: Moment["state"], seconds: number) => {
  const state = stateOf(["CREATED", 0], [end, seconds]);
  return execution(id, "f", { ...state, endDate: state.histories.at(-1)?.date });
};

describe("the history of a flow", () => {
  test("the longest run fills its bar, a quick one is still seen", () => {
    expect(
      barsOf([row("a", "SUCCESS", 100), row("b", "SUCCESS", 50), row("c", "FAILED", 1)], BEGIN).map(
        (bar) => bar.height,
      ),
    ).toEqual([1, 0.5, 0.12]);
  });

  test("success is the share of what ended without failing, usual is what succeeded", () => {
    const rows = [row("a", "SUCCESS", 10), row("b", "WARNING", 500), row("c", "FAILED", 90)];
    expect(reliabilityOf(rows)).toEqual({ ended: 3, failed: 1, success: 66.6, p50: 10_000, p95: 10_000 });
    expect(reliabilityOf([]).success).toBeUndefined();
  });
});
