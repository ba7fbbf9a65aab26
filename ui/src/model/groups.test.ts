import { describe, expect, test } from "vitest";
import { groupByNamespace, historyByFlow, labelsOf } from "./groups";
import { execution, flow, stateOf } from "./samples";

describe("groups", () => {
  test("flows stand under their namespace, both in the order of their names", () => {
    const groups = groupByNamespace([flow("b", "z"), flow("a", "y"), flow("b", "x")]);
    expect(groups.map((group) => [group.namespace, group.flows.map((member) => member.id)])).toEqual([
      ["a", ["y"]],
      ["b", ["x", "z"]],
    ]);
  });

  test("a history holds the newest ones, oldest first", () => {
    const rows = [
      execution("1", "a", stateOf(["CREATED", 10])),
      execution("3", "a", stateOf(["CREATED", 30])),
      execution("2", "a", stateOf(["CREATED", 20])),
      execution("4", "b", stateOf(["CREATED", 5])),
    ];
    const histories = historyByFlow(rows, 2);
    expect(histories.get("company/a")?.map((row) => row.id)).toEqual(["2", "3"]);
    expect(histories.get("company/b")?.map((row) => row.id)).toEqual(["4"]);
  });

  test("labels come as a list or a map, those of the system stay hidden", () => {
    const expected = [{ key: "team", value: "data" }];
    expect(
      labelsOf([
        { key: "team", value: "data" },
        { key: "system.from", value: "api" },
      ]),
    ).toEqual(expected);
    expect(labelsOf({ team: "data" })).toEqual(expected);
    expect(labelsOf(undefined)).toEqual([]);
  });
});
