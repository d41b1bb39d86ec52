import { expect, test } from "vitest";
import { KeySet } from "../../src/ecommerce/survey/key-set.ts";

test("a set of keys has those that were put in, and no others", () => {
  const keys = new KeySet();
  const keyOf = (at: number) => `orders/dt=2026-01-01/orders_clean_${at}.csv`;
  for (let at = 0; at < 60_000; at += 1) keys.add(keyOf(at));
  keys.add(keyOf(7));
  keys.add("");
  expect(keys.size).toBe(60_001);
  let wrong = 0;
  for (let at = 0; at < 120_000; at += 1) if (keys.has(keyOf(at)) !== at < 60_000) wrong += 1;
  expect(wrong).toBe(0);
  expect(keys.has("") && !keys.has("é")).toBe(true);
});
