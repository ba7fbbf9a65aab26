import { describe, expect, test } from "vitest";
import { parseFilters, putFilter, withFilters, writeFilters } from "./filters";
import { parseSearch, writeSearch } from "./search";

const ADDRESS =
  "?filters[state][IN]=FAILED,WARNING&filters[labels][EQUALS][team]=sales&filters[or][0][flowId][CONTAINS]=orders&sort=startDate:desc";

describe("the filter grammar", () => {
  test("an address is read into filters", () => {
    expect(parseFilters(parseSearch(ADDRESS))).toEqual([
      { field: "state", operator: "IN", key: undefined, value: "FAILED,WARNING" },
      { field: "labels", operator: "EQUALS", key: "team", value: "sales" },
      { field: "flowId", operator: "CONTAINS", key: undefined, value: "orders", group: "[or][0]" },
    ]);
  });

  test("reading and writing gives the same address", () => {
    const search = parseSearch(ADDRESS);
    expect(writeSearch(withFilters(search, parseFilters(search)))).toBe(
      "?sort=startDate:desc&filters[state][IN]=FAILED,WARNING&filters[labels][EQUALS][team]=sales&filters[or][0][flowId][CONTAINS]=orders",
    );
  });

  test("what browsers escape is understood", () => {
    expect(parseFilters(parseSearch("?filters%5Bstate%5D%5BIN%5D=FAILED"))).toEqual([
      { field: "state", operator: "IN", key: undefined, value: "FAILED" },
    ]);
  });

  test("values are escaped where they must be", () => {
    const search = writeFilters([{ field: "q", operator: "EQUALS", value: "a&b=c d" }]);
    expect(parseSearch(writeSearch(search))).toEqual(search);
  });

  test("unknown operators and other parameters are no filters", () => {
    expect(parseFilters({ "filters[state][NEARLY]": "x", q: "text" })).toEqual([]);
  });

  test("a filter of the same field and operator gives way", () => {
    const filters = parseFilters(parseSearch(ADDRESS));
    const changed = putFilter(filters, { field: "state", operator: "IN", value: "KILLED" });
    expect(changed).toHaveLength(3);
    expect(changed[0]?.value).toBe("KILLED");
  });
});
