import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration, readDuration } from "./durations";

describe("durations", () => {
  test.each([
    ["PT1.234S", 1234],
    ["PT20M", 1_200_000],
    ["P1DT2H", 93_600_000],
    ["P2W", 1_209_600_000],
    ["-PT5S", -5000],
  ])("%s is %i ms", (text, length) => expect(parseDuration(text)).toBe(length));

  test.each(["", "P", "PT", "P1DT", "20 min", "1h"])("'%s' is no duration", (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  test.each([
    [0, "0s"],
    [40, "40ms"],
    [640, "0.6s"],
    [45_999, "45s"],
    [280_000, "4m 40s"],
    [720_000, "12m 00s"],
    [4_320_000, "1h 12m"],
    [273_600_000, "3d 4h"],
  ])("%i ms are written %s, never rounded up", (length, text) => expect(formatDuration(length)).toBe(text));

  test("what is typed is read back in words", () => {
    expect(readDuration("PT20M")).toBe("20 min");
    expect(readDuration("P1DT1H30S")).toBe("1 d 1 h 30 s");
    expect(readDuration("soon")).toBeUndefined();
  });
});
