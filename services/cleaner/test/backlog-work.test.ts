import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  createLogger,
  FileStore,
  meterObjects,
  type ObjectStore,
  systemClock,
  type Work,
} from "@ingot/common";
import { isSchemaObject } from "@ingot/pipelines";
import { expect, onTestFinished, test } from "vitest";
import { createCleaner } from "../src/cleaner.ts";

type Layers = Record<"bronze" | "silver" | "quarantine", ObjectStore>;

const OBJECTS = 300;

/** A folder lake with a backlog of small objects, old enough to be cleaned. */
async function backlog(): Promise<Layers> {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-backlog-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const store = (layer: string) => new FileStore(path.join(folder, layer));
  const lake = { bronze: store("bronze"), silver: store("silver"), quarantine: store("quarantine") };
  for (let at = 0; at < OBJECTS; at += 1) {
    const row = `{"customer_id":"c${at}","page":"/","ip":"10.0.0.1","ts":"2026-01-01"}\n`;
    await lake.bronze.write(`clicks/clicks_${at}.txt`, Buffer.from(row));
  }
  await systemClock.sleep(lake.bronze.settleMs + 50);
  return lake;
}

/** The same layer; every object that is looked at or written is told, but for what is known of schemas. */
function watched(store: ObjectStore, onStat: () => void, onWrite: (created: boolean) => void): ObjectStore {
  return {
    url: store.url,
    settleMs: store.settleMs,
    list: (options) => store.list(options),
    read: (key) => store.read(key),
    delete: (key) => store.delete(key),
    stat: (key) => {
      onStat();
      return store.stat(key);
    },
    write: async (key, body, options) => {
      const result = await store.write(key, body, options);
      if (!isSchemaObject(key)) onWrite(result.created);
      return result;
    },
  };
}

function cleanerOf(lake: Layers, more: Partial<Parameters<typeof createCleaner>[0]> = {}) {
  return createCleaner({
    lake,
    businessTimezone: "UTC",
    emailHashKey: undefined,
    concurrency: 4,
    clock: systemClock,
    logger: createLogger({ logLevel: "silent", logFormat: "json" }, "cleaner"),
    ...more,
  });
}

const RUNS_ON = new AbortController().signal;
/** A clock by which every listing is old. */
const hurried = () => {
  let ms = Date.now() + 1000;
  const now = (): Date => {
    ms += 1000;
    return new Date(ms);
  };
  return { ...systemClock, now };
};

test("a cleaner that is alone does not ask about each object of a backlog before it cleans it", async () => {
  const lake = await backlog();
  let stats = 0;
  const silver = watched(
    lake.silver,
    () => (stats += 1),
    () => undefined,
  );
  const { objects } = await cleanerOf({ ...lake, silver }, { clock: hurried() }).pass(RUNS_ON);
  expect({ objects, stats }).toEqual({ objects: OBJECTS, stats: 0 });
});

test("cleaners that meet at a backlog share it", async () => {
  const lake = await backlog();
  let wasted = 0;
  const silver = watched(
    lake.silver,
    () => undefined,
    (created) => (wasted += created ? 0 : 1),
  );
  const cleaners = [1, 2, 3].map(() => cleanerOf({ ...lake, silver }, { clock: hurried() }));
  const reports = await Promise.all(cleaners.map((cleaner) => cleaner.pass(RUNS_ON)));
  const cleaned = reports.reduce((sum, { objects }) => sum + objects, 0);
  expect(cleaned - wasted).toBe(OBJECTS);
  // Each learns of the others by what it has done in vain at that moment, and now and then two begin at the same time.
  expect(wasted).toBeLessThan(OBJECTS / 5);
});

test("a backlog is metered object by object", async () => {
  const lake = await backlog();
  const works: (Work & { done: number; isClosed: boolean })[] = [];
  const open = (work: Work) => {
    const metered = { ...work, done: 0, isClosed: false };
    works.push(metered);
    const add = (units: number): void => {
      metered.done += units;
    };
    const close = (): void => {
      metered.isClosed = true;
    };
    return { add, close };
  };
  const meter = meterObjects(open, { title: "cleaning", isService: true });
  const cleaner = cleanerOf(lake, { meter });
  await cleaner.pass(RUNS_ON);
  await cleaner.pass(RUNS_ON);
  expect(works).toEqual([
    { title: "cleaning", unit: "objects", total: OBJECTS, done: OBJECTS, isClosed: true },
  ]);
});
