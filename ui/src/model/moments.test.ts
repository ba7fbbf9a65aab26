import { describe, expect, test } from "vitest";
import { compareInstants, formatAge, formatMoment, formatPreciseClock } from "./moments";

const at = (text: string) => new Date(text).getTime();
const NOW = at("2026-11-25T15:24:10Z");

describe("moments", () => {
  test.each([
    ["2026-11-25T06:00:00Z", "06:00:00"],
    ["2026-11-24T06:00:00Z", "24 Nov 06:00"],
    ["2025-11-25T06:00:00Z", "25 Nov 2025"],
  ])("%s reads %s", (text, words) => expect(formatMoment(at(text), NOW, "UTC")).toBe(words));

  test("the zone decides which day it is", () => {
    expect(formatMoment(at("2026-11-24T23:30:00Z"), NOW, "Europe/Berlin")).toBe("00:30:00");
  });

  test.each([
    ["2026-11-25T15:24:08Z", "now"],
    ["2026-11-25T15:23:32Z", "38 s ago"],
    ["2026-11-25T15:00:10Z", "24 min ago"],
    ["2026-11-25T06:24:10Z", "9 h ago"],
    ["2026-11-01T06:00:00Z", "1 Nov 06:00"],
  ])("%s was %s", (text, words) => expect(formatAge(at(text), NOW, "UTC")).toBe(words));

  test("instants are in order with and without digits behind the second", () => {
    const sorted = ["2026-11-25T06:00:02.5Z", "2026-11-25T06:00:02Z", "2026-11-25T06:00:02.25Z"].sort(compareInstants);
    expect(sorted.map((text) => text.slice(17))).toEqual(["02Z", "02.25Z", "02.5Z"]);
  });

  test("log lines show thousandths", () => {
    expect(formatPreciseClock(at("2026-11-25T06:20:47.804Z"), "UTC")).toBe("06:20:47.804");
  });
});
