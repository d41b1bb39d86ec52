import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { inParallel } from "../src/parallel.ts";

test("does several at a time, and gives the results in the order of the items", async () => {
  let atWork = 0;
  let most = 0;
  const results = await inParallel([30, 5, 20, 1, 10], 2, async (ms) => {
    most = Math.max(most, ++atWork);
    await delay(ms);
    atWork -= 1;
    return ms * 2;
  });
  expect({ results, most }).toEqual({ results: [60, 10, 40, 2, 20], most: 2 });
});

test("begins nothing after a failure, and waits for what is under way", async () => {
  const ended: number[] = [];
  const work = async (item: number): Promise<void> => {
    if (item === 2) throw new Error("no");
    await delay(20);
    ended.push(item);
  };
  await expect(inParallel([1, 2, 3, 4], 2, work)).rejects.toThrow("no");
  expect(ended).toEqual([1]);
});

test("has nothing to do for no items", async () => {
  expect(await inParallel([], 4, async () => 1)).toEqual([]);
});
