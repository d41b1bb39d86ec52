import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createLogger, FileStore, IngotError, type ObjectStore, systemClock } from "@ingot/common";
import { expect, onTestFinished, test } from "vitest";
import { createRegistry } from "../../../packages/common/src/metrics/prometheus.ts";
import { createCleaner } from "../src/cleaner.ts";

const HOUR_S = 3600;

/** The same layer; told before an object is read. */
function watched(store: ObjectStore, onRead: (key: string) => Promise<void>): ObjectStore {
  return {
    url: store.url,
    settleMs: store.settleMs,
    list: (options) => store.list(options),
    stat: (key) => store.stat(key),
    read: async (key) => {
      await onRead(key);
      return store.read(key);
    },
    write: (key, body, options) => store.write(key, body, options),
    delete: (key) => store.delete(key),
  };
}

test("what waits goes down while a backlog is worked off; what cannot be read goes on waiting", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-waiting-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const store = (layer: string) => new FileStore(path.join(folder, layer));
  const bronze = store("bronze");
  const files = {
    "orders_a.csv":
      "order_id,quantity,unit_price,order_ts\nO1,1,2,2026-01-01\nO1,1,3,2026-01-02\n,1,2,2026-01-01\n",
    "clicks_b.txt": '{"customer_id":"C1","page":"/","ip":"999.1.1.1","ts":"2026-01-01"}\n',
    "clicks_closed.txt": '{"customer_id":"C1","page":"/","ip":"10.0.0.1","ts":"2026-01-01"}\n',
  };
  const then = Date.now() / 1000 - HOUR_S;
  for (const [name, text] of Object.entries(files)) {
    await bronze.write(name, Buffer.from(text));
    utimesSync(path.join(folder, "bronze", name), then, then);
  }
  const registry = createRegistry();
  const figures = async (name: string) =>
    (await registry.text())
      .split("\n")
      .filter((line) => line.startsWith(`${name}{`))
      .map((line) => line.replace(/.*{service="cleaner",?(.*)} /, "$1 ").trim());
  const seen: string[] = [];
  const onRead = async (key: string) => {
    seen.push(...(await figures("ingot_waiting_objects")));
    if (key.includes("closed")) throw new IngotError("storage_denied", `may not read ${key}`);
  };
  const cleaner = createCleaner({
    lake: { bronze: watched(bronze, onRead), silver: store("silver"), quarantine: store("quarantine") },
    businessTimezone: "UTC",
    emailHashKey: undefined,
    concurrency: 1,
    clock: systemClock,
    logger: createLogger({ logLevel: "silent", logFormat: "json" }, "cleaner"),
    metrics: registry.of("cleaner"),
  });
  const { failures } = await cleaner.pass(new AbortController().signal);
  expect(failures.length).toBe(1);
  expect([seen[0], seen.length]).toEqual(["3", 3]);
  expect(await figures("ingot_waiting_objects")).toEqual(["1"]);
  const [age] = await figures("ingot_waiting_seconds");
  expect(Number(age)).toBeGreaterThanOrEqual(HOUR_S);
  expect(Number(age)).toBeLessThan(HOUR_S + 60);
  expect(await figures("ingot_lag_seconds_count")).toEqual(['stage="bronze_to_silver" 2']);
  expect((await figures("ingot_records_total")).filter((line) => !line.endsWith(" 0"))).toEqual([
    'dataset="orders",outcome="kept" 1',
    'dataset="orders",outcome="rejected" 1',
    'dataset="orders",outcome="duplicate" 1',
    'dataset="clicks",outcome="rejected" 1',
  ]);
  expect((await figures("ingot_rejected_records_total")).toSorted()).toEqual([
    'dataset="clicks",reason="invalid_ip" 1',
    'dataset="orders",reason="missing_order_id" 1',
  ]);
  expect(await registry.text()).not.toContain("clicks_");
});
