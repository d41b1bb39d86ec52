import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { IngotError, type ObjectStore } from "@ingot/common";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { clockAt, Shop } from "./shop.ts";

let shop: Shop;
beforeEach(async () => {
  shop = new Shop();
  onTestFinished(() => shop.remove());
  await shop.put("orders", "1", [{ order_id: "O1" }]);
});
const goldFile = (key: string) => path.join(shop.folder, "gold", key);
const addOrder = (id: string) => shop.put("orders", id, [{ order_id: id }]);

describe("gold", () => {
  test("has a version, the same bytes under latest/, and a manifest that describes both", async () => {
    await shop.passOnce({ clock: clockAt("2024-03-05T06:07:08.900Z") });
    const key = "sales_by_day/sales_by_day_20240305T060708.csv";
    expect(await shop.text(key)).toBe((await shop.latest()).sales_by_day);
    expect((await shop.manifest()).kpis.sales_by_day).toMatchObject({
      key,
      rows: 1,
      columns: [
        { name: "order_date", type: "date" },
        { name: "orders", type: "integer" },
        { name: "revenue", type: "money" },
      ],
      updated_at: expect.stringMatching(/^2024-03-05T06:07:08/),
    });
  });

  test("is not written where nothing changed, neither by the same aggregator nor after a restart", async () => {
    const aggregator = await shop.aggregator();
    const { signal } = new AbortController();
    await aggregator.pass(signal);
    const state = await shop.state();
    expect(await aggregator.pass(signal)).toMatchObject({ published: 0 });
    await aggregator.close();
    await shop.put("clicks", "1", [{ customer_id: "C1" }]);
    expect(await shop.passOnce()).toMatchObject({ objects: 1, published: 0 });
    expect(await shop.state()).toEqual(state);
  });

  test.each(["latest/aov.csv", "latest/manifest.json"])(
    "%s: deleted or edited, it is repaired",
    async (key) => {
      const aggregator = await shop.aggregator();
      const { signal } = new AbortController();
      await aggregator.pass(signal);
      const text = await shop.text(key);
      const harms = [() => rmSync(goldFile(key)), () => writeFileSync(goldFile(key), "edited by hand")];
      for (const harm of harms) {
        harm();
        await aggregator.pass(signal);
        expect((await shop.text(key)).replace(/"updated_at": ".*"/g, "")).toBe(
          text.replace(/"updated_at": ".*"/g, ""),
        );
      }
      expect(await shop.versions("aov")).toHaveLength(1);
      await aggregator.close();
    },
  );

  test("whose manifest names a version that somebody deleted gets that version back", async () => {
    await shop.passOnce();
    rmSync(goldFile((await shop.manifest()).kpis.aov!.key));
    await shop.passOnce();
    expect(await shop.text((await shop.manifest()).kpis.aov!.key)).toBe((await shop.latest()).aov);
  });

  test("tells versions of one second apart by a number", async () => {
    const clock = clockAt("2024-03-05T06:07:08Z");
    await shop.passOnce({ clock });
    await addOrder("O2");
    await shop.passOnce({ clock });
    expect(await shop.versions("aov")).toEqual([
      "aov/aov_20240305T060708-2.csv",
      "aov/aov_20240305T060708.csv",
    ]);
    expect((await shop.manifest()).kpis.aov?.key).toBe("aov/aov_20240305T060708-2.csv");
  });

  test("keeps as many versions as it is told, and what the manifest names also when the clock went back", async () => {
    for (const [index, time] of ["05", "06", "07", "01"].entries()) {
      await addOrder(`more${index}`);
      await shop.passOnce({ goldHistory: 2, clock: clockAt(`2024-03-${time}T00:00:00Z`) });
    }
    const versions = await shop.versions("aov");
    const current = (await shop.manifest()).kpis.aov!.key;
    expect(versions).toContain(current);
    expect(versions.length).toBeLessThanOrEqual(3);
    expect(await shop.text(current)).toBe((await shop.latest()).aov);
  });

  test("is written for several KPIs at a time, each first as a version, the manifest last", async () => {
    let underWay = 0;
    let most = 0;
    const written: string[] = [];
    const gold: ObjectStore = {
      ...failingAfter(shop.gold, Number.POSITIVE_INFINITY),
      write: async (key, body, options) => {
        most = Math.max(most, ++underWay);
        const result = await shop.gold.write(key, body, options);
        underWay -= 1;
        written.push(key);
        return result;
      },
    };
    await shop.passOnce({ gold });
    expect(most).toBeGreaterThan(1);
    expect(written.at(-1)).toBe("latest/manifest.json");
    for (const [name, { key }] of Object.entries((await shop.manifest()).kpis))
      expect(written.indexOf(key)).toBeLessThan(written.indexOf(`latest/${name}.csv`));
  });

  test("loses a KPI whose file is gone, from latest/ and manifest", async () => {
    const file = path.join(shop.kpiFolder, "mine.sql");
    writeFileSync(file, "SELECT 1 AS one");
    await shop.passOnce();
    expect(await shop.latest()).toHaveProperty("mine");
    rmSync(file);
    await shop.passOnce();
    expect(await shop.latest()).not.toHaveProperty("mine");
    expect((await shop.manifest()).kpis).not.toHaveProperty("mine");
  });
});

describe("an aggregator that is stopped after any of its writes", () => {
  const kpi = () => path.join(shop.kpiFolder, "mine.sql");
  let second = 0;
  /** Each pass in a second of its own, so that every one writes the same number of objects. */
  const pass = (gold: ObjectStore = shop.gold) =>
    shop.passOnce({ gold, clock: clockAt(new Date(++second * 1000).toISOString()) });

  test.each([
    ["changes KPIs", (round: number) => writeFileSync(kpi(), `SELECT ${round} AS number`), true, 15],
    ["takes a KPI away", () => rmSync(kpi()), false, 14],
  ])(
    "while it %s leaves what the next one completes, each version once",
    async (_, change, stays, writes) => {
      for (let allowed = 0; allowed <= writes; allowed++) {
        writeFileSync(kpi(), "SELECT 'before' AS number");
        await pass();
        const versionsBefore = (await shop.versions("aov")).length;
        change(allowed);
        await addOrder(`more${allowed}`);
        const stopped = await pass(failingAfter(shop.gold, allowed)).then(
          () => false,
          () => true,
        );
        expect(stopped, `after ${allowed} writes`).toBe(allowed < writes);
        await pass();
        expect(await shop.versions("aov")).toHaveLength(versionsBefore + 1);
        expect("mine" in (await shop.latest()), `after ${allowed} writes`).toBe(stays);
        await expectConsistent();
      }
    },
  );
});

/** Every KPI of the manifest lies under latest/ and in history, with the same bytes; nothing else is there. */
async function expectConsistent(): Promise<void> {
  const [latest, { kpis }] = [await shop.latest(), await shop.manifest()];
  expect(Object.keys(latest).sort()).toEqual(Object.keys(kpis).sort());
  for (const [name, { key }] of Object.entries(kpis)) expect(await shop.text(key)).toBe(latest[name]);
}

/** The store as a process sees it that is killed after so many changes. */
function failingAfter(store: ObjectStore, changes: number): ObjectStore {
  let left = changes;
  const spend = () => {
    if (left-- <= 0) throw new IngotError("storage_unavailable", "stopped here");
  };
  return {
    url: store.url,
    settleMs: store.settleMs,
    list: (options) => store.list(options),
    stat: (key) => store.stat(key),
    read: (key) => store.read(key),
    write: async (key, body, options) => {
      spend();
      return store.write(key, body, options);
    },
    delete: async (key) => {
      spend();
      return store.delete(key);
    },
  };
}
