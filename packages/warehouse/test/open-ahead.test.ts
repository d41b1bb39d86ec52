import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type SilverObject, SMALL_OBJECT_BYTES } from "../src/index.ts";
import { openAhead } from "../src/sqlite/open-ahead.ts";
import { orders, silver } from "./silver-rows.ts";

/** Objects that note when they are opened; the first ones take longest. */
function slowObjects(count: number, size: (index: number) => number) {
  const log = { open: 0, most: 0, opened: [] as number[] };
  const items = Array.from({ length: count }, (_, index) => {
    const object = silver(orders(`o${index}`));
    const open: SilverObject["open"] = async () => {
      log.opened.push(index);
      log.open += 1;
      log.most = Math.max(log.most, log.open);
      await pause((count - index) % 5);
      log.open -= 1;
      if (index === 7) throw new Error("broken");
      return object.open();
    };
    return { object: { ...object, size: size(index), open }, index };
  });
  return { items, log };
}

describe("small objects", () => {
  test("are opened several at once, and come in their order with what opening them gave", async () => {
    const { items, log } = slowObjects(40, () => 10);
    const seen: [number, boolean][] = [];
    for await (const opened of openAhead(items)) seen.push([opened.item.index, "content" in opened]);
    expect(seen).toEqual(items.map(({ index }) => [index, index !== 7]));
    expect(log.most).toBeGreaterThan(8);
    expect(log.most).toBeLessThanOrEqual(16);
  });
});

describe("a large object", () => {
  test("is opened when its turn comes", async () => {
    const { items, log } = slowObjects(6, (index) => (index === 3 ? SMALL_OBJECT_BYTES + 1 : 10));
    for await (const { item } of openAhead(items)) if (item.index < 3) expect(log.opened).not.toContain(3);
    expect(log.opened).toEqual([0, 1, 2, 4, 5, 3]);
  });
});
