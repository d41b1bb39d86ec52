import { readdirSync, utimesSync } from "node:fs";
import path from "node:path";
import type { Clock, ObjectStore } from "@ingot/common";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { clockAt, Shop } from "./shop.ts";

let shop: Shop;
beforeEach(() => {
  shop = new Shop();
  onTestFinished(() => shop.remove());
});
const { signal } = new AbortController();
const day = (number: number): string => `2024-03-${String(number).padStart(2, "0")}T00:00:00Z`;
const addOrder = (id: string) => shop.put("orders", id, [{ order_id: id }]);
const versionOn = (number: number): string => `aov/aov_202403${String(number).padStart(2, "0")}T000000.csv`;

/** Publishes a version on each of these days of March, as old in storage as it is by its name. */
async function history(...days: number[]): Promise<void> {
  for (const number of days) {
    await addOrder(`order${number}`);
    await shop.passOnce({ clock: clockAt(day(number)) });
    backdate(number);
  }
}

function backdate(number: number): void {
  const seconds = Date.parse(day(number)) / 1000;
  for (const kpi of readdirSync(path.join(shop.folder, "gold"))) {
    const folder = path.join(shop.folder, "gold", kpi);
    for (const file of readdirSync(folder)) {
      if (file.includes(`_202403${String(number).padStart(2, "0")}T`))
        utimesSync(path.join(folder, file), seconds, seconds);
    }
  }
}

describe("versions of a KPI that are too old", () => {
  test("are deleted also while nothing changes, and never the current one", async () => {
    await history(1, 2, 10);
    const text = (await shop.latest()).aov;
    await shop.passOnce({ clock: clockAt(day(12)), goldRetentionDays: 10 });
    expect(await shop.versions("aov")).toEqual([versionOn(2), versionOn(10)]);
    await shop.passOnce({ clock: clockAt("2030-01-01T00:00:00Z"), goldRetentionDays: 1 });
    expect(await shop.versions("aov")).toEqual([versionOn(10)]);
    expect((await shop.manifest()).kpis.aov?.key).toBe(versionOn(10));
    expect(await shop.text(versionOn(10))).toBe(text);
    expect((await shop.latest()).aov).toBe(text);
  });

  test("stay without the option, however old", async () => {
    await history(1, 2, 3);
    await shop.passOnce({ clock: clockAt("2060-01-01T00:00:00Z") });
    expect(await shop.versions("aov")).toHaveLength(3);
  });

  test("stay where the manifest names them as current, also when a newer one lies beside them", async () => {
    await history(5, 6);
    // A clock that went back gives the current version an older name than others have.
    await addOrder("late");
    await shop.passOnce({ clock: clockAt(day(1)) });
    backdate(1);
    expect((await shop.manifest()).kpis.aov?.key).toBe(versionOn(1));
    await shop.passOnce({ clock: clockAt("2030-01-01T00:00:00Z"), goldRetentionDays: 1 });
    expect(await shop.versions("aov")).toEqual([versionOn(1), versionOn(6)]);
    expect(await shop.text(versionOn(1))).toBe((await shop.latest()).aov);
  });

  test("stay where the storage took them in later than their names say", async () => {
    await history(1, 2);
    const now = new Date();
    utimesSync(path.join(shop.folder, "gold", versionOn(1)), now, now);
    await shop.passOnce({ goldRetentionDays: 30 });
    expect(await shop.versions("aov")).toEqual([versionOn(1), versionOn(2)]);
  });

  test("are told from what others put beside them, and from KPIs that nobody computes any more", async () => {
    await history(1, 2);
    const others = [
      "aov/readme.csv",
      "aov/aov_by_20240301T000000.csv",
      "aov/aov_20240301T000000.csv.bak",
      "aov_old/aov_old_20240301T000000.csv",
      "reports/reports_20240301T000000.csv",
    ];
    for (const key of others) {
      await shop.gold.write(key, Buffer.from("theirs"));
      utimesSync(path.join(shop.folder, "gold", key), 0, 0);
    }
    await shop.passOnce({ clock: clockAt("2030-01-01T00:00:00Z"), goldRetentionDays: 1 });
    for (const key of others) expect(await shop.text(key)).toBe("theirs");
    expect(await shop.versions("aov")).not.toContain(versionOn(1));
  });

  test("go whatever GOLD_HISTORY keeps, and GOLD_HISTORY holds beside it", async () => {
    await history(1, 8, 9, 10);
    await addOrder("last");
    await shop.passOnce({ clock: clockAt(day(11)), goldRetentionDays: 5, goldHistory: 3 });
    expect(await shop.versions("aov")).toEqual([9, 10, 11].map(versionOn));
  });

  test("are looked for once an hour: an idle aggregator lists no history in between", async () => {
    await history(1, 2);
    let listings = 0;
    const gold: ObjectStore = Object.assign(Object.create(shop.gold), {
      list: (options: { prefix?: string } = {}) => {
        if (options.prefix?.startsWith("aov/")) listings += 1;
        return shop.gold.list(options);
      },
      read: (key: string) => shop.gold.read(key),
      write: (...args: Parameters<ObjectStore["write"]>) => shop.gold.write(...args),
      stat: (key: string) => shop.gold.stat(key),
      delete: (key: string) => shop.gold.delete(key),
    });
    let nowMs = Date.parse(day(3));
    const clock: Clock = { ...clockAt(day(3)), now: () => new Date(nowMs) };
    const aggregator = await shop.aggregator({ gold, clock, goldRetentionDays: 5 });
    for (const minutes of [0, 5, 30, 59]) {
      nowMs = Date.parse(day(3)) + minutes * 60_000;
      await aggregator.pass(signal);
    }
    expect(listings).toBe(1);
    nowMs = Date.parse(day(8));
    await aggregator.pass(signal);
    expect(listings).toBe(2);
    expect(await shop.versions("aov")).toEqual([versionOn(2)]);
    await aggregator.close();
  });
});
