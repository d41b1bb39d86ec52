import { expect, test } from "vitest";
import { plotTicks } from "./bench/gold-plot.ts";
import type { GoldTickRow } from "./bench/gold-tick.ts";

const row = (who: string, orders: number, medianMs: number): GoldTickRow => ({
  case: "gold tick",
  who,
  orders,
  medianMs,
  p95Ms: medianMs,
  maxMs: medianMs,
  peakMb: undefined,
});

const circles = (svg: string): number[][] =>
  [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);

test("a decade is as wide everywhere, and a longer tick stands higher", () => {
  const svg = plotTicks([
    row("ingot", 100_000, 10),
    row("ingot", 1_000_000, 20),
    row("ingot", 10_000_000, 40),
  ]);
  const [[x1, y1], [x2, y2], [x3, y3]] = circles(svg) as [number[], number[], number[]];
  expect(x2! - x1!).toBeCloseTo(x3! - x2!, 0);
  expect(y1! - y2!).toBeCloseTo(y2! - y3!, 0);
  expect(y2).toBeLessThan(y1!);
});

test("the axes have units, and each series its name", () => {
  const svg = plotTicks([
    row("ingot", 100_000, 10),
    row("duckdb, table", 100_000, 10),
    row("pandas", 1e7, 27_000),
  ]);
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  expect(texts).toEqual(expect.arrayContaining(["100,000", "10 million", "10 ms", "100 s"]));
  expect(texts).toEqual(expect.arrayContaining(["orders of history", "ingot", "duckdb, table", "pandas"]));
});

test("labels of curves that end at the same place do not lie on each other", () => {
  const svg = plotTicks(["ingot", "one", "two"].map((who) => row(who, 1000, 10)));
  const heights = ["ingot", "one", "two"].map((who) =>
    Number(new RegExp(`y="([\\d.]+)"[^>]*>${who}<`).exec(svg)?.[1]),
  );
  expect(new Set(heights.toSorted((a, b) => a - b).map((y, i, all) => (i ? y - all[i - 1]! : 17)))).toEqual(
    new Set([17]),
  );
});

test("nothing to draw is an error", () => {
  expect(() => plotTicks([])).toThrow(RangeError);
});
