import { describe, expect, test } from "vitest";
import { keyOf } from "../src/sqlite/row-keys.ts";

describe("the key of an id", () => {
  test("is an integer of six bytes", () => {
    for (const id of ["", "1", "O-1", "x".repeat(1000), "\u{1f600}", "ff9a8b7c-1234"]) {
      expect(Number.isInteger(keyOf(id))).toBe(true);
      expect(Math.abs(keyOf(id))).toBeLessThanOrEqual(2 ** 47);
    }
  });

  test("is nearly always another one for another id", () => {
    const ids = [
      ...Array.from({ length: 100_000 }, (_, index) => `ORDER-${index}`),
      ...Array.from({ length: 100_000 }, () => crypto.randomUUID()),
    ];
    expect(new Set(ids.map(keyOf)).size).toBeGreaterThan(ids.length - 3);
  });

  test("is near for ids that are counted up, so that they share a page of an index", () => {
    const keys = Array.from({ length: 1000 }, (_, index) => keyOf(String(1_000_000 + index)));
    expect(Math.max(...keys) - Math.min(...keys)).toBeLessThan(4096);
    expect(keys).toEqual(keys.toSorted((a, b) => a - b));
  });

  test("can be the same for two ids, which the tests of the contract rely on", () => {
    expect(keyOf("o1")).toBe(keyOf("O1"));
    expect(keyOf("_1")).toBe(keyOf("O1"));
    expect(keyOf("c1")).toBe(keyOf("C1"));
  });
});
