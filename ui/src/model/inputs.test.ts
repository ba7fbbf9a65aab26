import { describe, expect, test } from "vitest";
import type { FlowInput } from "./flow";
import { boundsText, choicesOf, errorsByField, prefill, toParts, widgetOf } from "./inputs";

const input = (id: string, type: string, more: Partial<FlowInput> = {}): FlowInput => ({ id, type, ...more });

describe("inputs", () => {
  test("each type has its widget", () => {
    expect(widgetOf(input("b", "BOOL", { defaults: "true" }))).toBe("switch");
    expect(widgetOf(input("b", "BOOL"))).toBe("yes-no");
    expect(widgetOf(input("s", "SELECT", { allowCustomValue: true }))).toBe("suggest");
    expect(widgetOf(input("s", "SELECT", { isRadio: true }))).toBe("radios");
    expect(widgetOf(input("e", "EMAIL"))).toBe("line");
  });

  test("fields without a value are not sent, lists are JSON of their item type", () => {
    const inputs = [
      input("a", "STRING"),
      input("n", "ARRAY", { itemType: "INT" }),
      input("m", "MULTISELECT"),
      input("e", "STRING"),
    ];
    const parts = toParts(inputs, { a: "x", n: ["1", "2", ""], m: ["1"], e: "" }, "with files");
    expect([...parts.entries()]).toEqual([
      ["a", "x"],
      ["n", "[1,2]"],
      ["m", '["1"]'],
    ]);
  });

  test("files are left out while only checking", () => {
    const file = new File(["x"], "orders.csv");
    expect([...toParts([input("f", "FILE")], { f: file }, "without files").keys()]).toEqual([]);
    expect([...toParts([input("f", "FILE")], { f: file }, "with files").keys()]).toEqual(["f"]);
  });

  test("inputs of a form carry its name", () => {
    const form = input("approval", "FORM", { inputs: [input("by", "STRING")] });
    expect([...toParts([form], { "approval.by": "Ana" }, "with files").entries()]).toEqual([["approval.by", "Ana"]]);
  });

  test("a date and time is sent as an instant", () => {
    const parts = toParts([input("d", "DATETIME")], { d: "2026-11-25T16:00:00" }, "with files");
    expect(parts.get("d")).toBe(new Date("2026-11-25T16:00:00").toISOString());
  });

  test("an earlier execution fills the form, without its secrets and files", () => {
    const inputs = [input("s", "STRING"), input("j", "JSON"), input("x", "SECRET"), input("m", "MULTISELECT")];
    expect(prefill(inputs, { s: "abc", j: { a: 1 }, x: { type: "…" }, m: ["A"] })).toEqual({
      s: "abc",
      j: '{\n  "a": 1\n}',
      m: ["A"],
    });
  });

  test("messages of the server find their field", () => {
    const problems = [
      { detail: "Invalid value for input `s`. Cause: it must match the pattern `[a-z]+`" },
      { detail: "Missing required input:i" },
      { detail: "The flow is disabled" },
    ];
    expect(errorsByField(problems, ["s", "i"])).toEqual({
      s: ["Must match the pattern `[a-z]+`"],
      i: ["Is required"],
      "": ["The flow is disabled"],
    });
  });

  test("bounds and choices read as they are written", () => {
    expect(boundsText(input("i", "INT", { min: 1, max: 10 }))).toBe("1 to 10");
    expect(boundsText(input("i", "INT", { max: 10 }))).toBe("at most 10");
    expect(choicesOf(input("s", "SELECT", { values: ["A", { value: 1, label: "One" }] }))).toEqual([
      { value: "A", label: "A" },
      { value: "1", label: "One" },
    ]);
  });
});
