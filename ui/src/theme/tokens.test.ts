import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const SOURCE = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");
const PAIR = /--([a-z-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)/g;
const TOKENS = new Map([...SOURCE.matchAll(PAIR)].map(([, name, light, dark]) => [name, { light, dark }] as const));

const STATES = [...TOKENS.keys()].flatMap((name) => /^state-([a-z]+)-text$/.exec(name ?? "")?.[1] ?? []);
const GROUNDS = [
  "surface",
  "surface-nav",
  "surface-subtle",
  "surface-sunken",
  "surface-raised",
  "surface-hover",
  "surface-selected",
];

function luminance(colour: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red = 0, green = 0, blue = 0] = parts.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(front: string, ground: string, theme: "light" | "dark"): number {
  const [a, b] = [front, ground].map((name) => luminance(TOKENS.get(name)?.[theme] ?? "")).sort((x, y) => y - x);
  return ((a ?? 0) + 0.05) / ((b ?? 0) + 0.05);
}

describe.each(["light", "dark"] as const)("contrast in %s", (theme) => {
  test.each(["text", "text-muted", "text-subtle", "accent-text"])("%s can be read on every ground", (text) => {
    for (const ground of GROUNDS) expect(contrast(text, ground, theme), ground).toBeGreaterThanOrEqual(4.5);
  });

  test.each(STATES)("%s can be read and seen", (state) => {
    expect(contrast(`state-${state}-text`, "surface", theme)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(`state-${state}-text`, `state-${state}-soft`, theme)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(`state-${state}-on`, `state-${state}`, theme)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(`state-${state}`, "surface", theme)).toBeGreaterThanOrEqual(3);
  });

  test("the accent, the border of a control and the focus ring stand out", () => {
    expect(contrast("on-accent", "accent", theme)).toBeGreaterThanOrEqual(4.5);
    expect(contrast("border-control", "surface", theme)).toBeGreaterThanOrEqual(3);
    expect(contrast("focus", "surface", theme)).toBeGreaterThanOrEqual(3);
  });
});
