import { expect, test } from "vitest";
import { BEGIN, run, stateOf } from "./samples";
import { timeShares } from "./shares";

test("the time along the critical path is shared among tasks, waiting and pauses", () => {
  const load = run("load", stateOf(["CREATED", 0], ["RUNNING", 10], ["SUCCESS", 40]));
  const approve = run("approve", stateOf(["CREATED", 40], ["PAUSED", 40], ["SUCCESS", 100]));
  const shares = timeShares([load, approve], BEGIN);
  expect(shares.map(({ label, percent }) => [label, Math.round(percent)])).toEqual([
    ["waiting for a person", 60],
    ["load", 30],
    ["waiting for a worker", 10],
  ]);
});
