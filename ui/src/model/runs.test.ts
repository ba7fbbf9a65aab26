import { describe, expect, test } from "vitest";
import { firstFailure, retryCount, timeIn } from "./runs";
import { BEGIN, run, stateOf } from "./samples";

describe("task runs", () => {
  test("the first failure is the cause, not the flowable around it", () => {
    const parent = run("parent", stateOf(["CREATED", 0], ["RUNNING", 0], ["FAILED", 31]));
    const cause = run("cause", stateOf(["CREATED", 1], ["RUNNING", 1], ["FAILED", 30]), { parentTaskRunId: "parent" });
    const later = run("later", stateOf(["CREATED", 40], ["RUNNING", 40], ["FAILED", 50]));
    expect(firstFailure([parent, later, cause])?.id).toBe("cause");
    const atOnce = run("parent", stateOf(["CREATED", 0], ["RUNNING", 0], ["FAILED", 30]));
    expect(firstFailure([atOnce, later, cause])?.id).toBe("cause");
  });

  test("waiting is what lies before running", () => {
    const waited = run("w", stateOf(["CREATED", 0], ["SUBMITTED", 3], ["RUNNING", 10], ["SUCCESS", 20]));
    expect(timeIn(waited.state, ["CREATED", "SUBMITTED"], BEGIN)).toBe(10_000);
  });

  test("the first attempt is no retry", () => {
    const state = stateOf(["CREATED", 0], ["SUCCESS", 1]);
    expect(retryCount([run("a", state, { attempts: [{ state }, { state }, { state }] }), run("b", state)])).toBe(2);
  });
});
