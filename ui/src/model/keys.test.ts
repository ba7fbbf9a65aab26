import { describe, expect, test } from "vitest";
import { nameOfPress } from "./keys";

const press = (key: string, more = {}) => ({ key, ctrl: false, alt: false, inField: false, ...more });

describe("keys", () => {
  test("a letter in a field belongs to the field", () => {
    expect(nameOfPress(press("g", { inField: true }), undefined)).toBeUndefined();
    expect(nameOfPress(press("Escape", { inField: true }), undefined)).toBe("Escape");
    expect(nameOfPress(press("Enter", { inField: true, ctrl: true }), undefined)).toBe("Ctrl enter");
  });

  test("the second key of a sequence follows the first", () => {
    expect(nameOfPress(press("f"), "g")).toBe("g f");
  });
});
