import { describe, expect, test } from "vitest";
import { valueRows } from "./values";

describe("values", () => {
  test("nested ones stand below their parent once it is open", () => {
    const values = { rows: 3, headers: { a: "b" }, uri: "kestra:///x/y/data.csv" };
    expect(valueRows(values, new Set()).map((row) => [row.path, row.type, row.text])).toEqual([
      ["rows", "int", "3"],
      ["headers", "map", "1 entry"],
      ["uri", "file", "data.csv"],
    ]);
    expect(valueRows(values, new Set(["headers"])).map((row) => row.path)).toContain("headers.a");
  });

  test("a secret shows nothing", () => {
    const secret = { type: "io.kestra.datatype:aes_encrypted", value: "abc" };
    expect(valueRows({ secret }, new Set())[0]).toMatchObject({ type: "secret", text: "••••••", folds: false });
  });
});
