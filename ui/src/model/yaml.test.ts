import { describe, expect, test } from "vitest";
import { colourLine } from "./yaml";

const kinds = (line: string) => colourLine(line).map((piece) => `${piece.kind}:${piece.text.trim()}`);

describe("YAML colours", () => {
  test("no character is lost", () => {
    const lines = [
      "  - id: a # note",
      'url: "http://x/#y"',
      "   {{ inputs.a }} rest",
      "- {id: s, type: STRING}",
      "",
      "a: {{ x",
    ];
    for (const line of lines)
      expect(
        colourLine(line)
          .map((piece) => piece.text)
          .join(""),
      ).toBe(line);
  });

  test("keys, types, expressions, numbers and comments are told apart", () => {
    expect(kinds("  - id: hello")).toEqual(["plain:-", "key:id:", "string:hello"]);
    expect(kinds("type: io.kestra.plugin.core.log.Log")).toEqual(["key:type:", "type:io.kestra.plugin.core.log.Log"]);
    expect(kinds("message: Hello {{ inputs.name }}")).toEqual([
      "key:message:",
      "string:Hello",
      "expression:{{ inputs.name }}",
    ]);
    expect(kinds("limit: 3 # at most")).toEqual(["key:limit:", "number:3", "comment:# at most"]);
  });
});
