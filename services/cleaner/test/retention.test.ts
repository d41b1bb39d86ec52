import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FileStore, type ObjectStore, type Retention, type StoreExpiry, systemClock } from "@ingot/common";
import { isSchemaObject } from "@ingot/pipelines";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type LogLine, recordingLogger } from "../../../packages/common/test/support/recorders.ts";
import { createCleaner, createExpiry } from "../src/index.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const { signal } = new AbortController();

let folder: string;
let lake: Record<"bronze" | "silver" | "quarantine", ObjectStore>;
let lines: LogLine[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ingot-retention-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const layer = (name: string): FileStore => new FileStore(path.join(folder, name));
  lake = { bronze: layer("bronze"), silver: layer("silver"), quarantine: layer("quarantine") };
  lines = [];
});

const fileOf = (layer: keyof typeof lake, key: string): string => path.join(folder, layer, key);
const age = (layer: keyof typeof lake, key: string, days: number): void => {
  const seconds = (Date.now() - days * DAY_MS) / 1000;
  utimesSync(fileOf(layer, key), seconds, seconds);
};
/** The keys of what was made of objects; what is known of their schemas left out. */
const keys = async (layer: keyof typeof lake): Promise<string[]> =>
  (await Array.fromAsync(lake[layer].list())).map(({ key }) => key).filter((key) => !isSchemaObject(key));

/** One record that is kept and one that is rejected. */
const ORDERS = `[{"order_id":"o1","quantity":1,"unit_price":2,"order_ts":"2026-01-01"},{"order_id":"o2"}]`;
const QUARANTINED = (key: string): string => `${key}.rejected.jsonl`;

/** Writes a bronze object of some days ago. */
async function deliver(key: string, days: number, content = ORDERS): Promise<void> {
  await lake.bronze.write(key, Buffer.from(content), { metadata: { from: "till" } });
  age("bronze", key, days);
}

async function clean(): Promise<void> {
  const { logger } = recordingLogger();
  const options = {
    businessTimezone: "UTC",
    emailHashKey: undefined,
    concurrency: 2,
    clock: systemClock,
    logger,
  };
  await createCleaner({ ...options, lake }).pass(signal);
}

async function delivered(key: string, days: number): Promise<void> {
  await deliver(key, days);
  await clean();
  age("quarantine", QUARANTINED(key), days);
}

interface Given {
  byStore?: StoreExpiry;
  layers?: Partial<typeof lake>;
}

function expiry(retention: Retention, { byStore = "unsupported", layers = {} }: Given = {}) {
  const recorded = recordingLogger();
  lines = recorded.lines;
  const storeExpiry = async (): Promise<StoreExpiry> => byStore;
  const { logger } = recorded;
  return createExpiry({ lake: { ...lake, ...layers }, retention, storeExpiry, clock: systemClock, logger });
}

const expire = (retention: Retention, given?: Given) => expiry(retention, given).pass(signal);
const warnings = (): string[] => lines.filter(({ level }) => level === "warn").map(({ msg }) => msg);

describe("bronze that is too old", () => {
  test("goes with its metadata once it was cleaned; younger bronze, silver and quarantine stay", async () => {
    await delivered("dt=1/orders_old.json", 31);
    await delivered("dt=1/orders_young.json", 29);
    const silver = await keys("silver");
    expect(await expire({ bronze: 30 })).toMatchObject({ deleted: 1, failures: [] });
    expect(await keys("bronze")).toEqual(["dt=1/orders_young.json"]);
    expect(readdirSync(path.join(folder, "bronze/dt=1"))).toHaveLength(2);
    expect(await keys("silver")).toEqual(silver);
    expect(await keys("quarantine")).toHaveLength(2);
    expect(await expire({ bronze: 30 })).toMatchObject({ deleted: 0 });
  });

  test("stays while it is not cleaned, and goes afterwards", async () => {
    await deliver("orders_new.json", 400);
    await delivered("orders_old.json", 400);
    await deliver("orders_late.json", 400);
    rmSync(fileOf("silver", "orders_clean_new.csv"));
    await expire({ bronze: 1 });
    expect(await keys("bronze")).toEqual(["orders_late.json", "orders_new.json"]);
    await clean();
    await expire({ bronze: 1 });
    expect(await keys("bronze")).toEqual([]);
    expect(await keys("silver")).toHaveLength(3);
  });

  test("stays where it is no input, whatever its name is", async () => {
    for (const name of ["invoice.pdf", "orders.parquet", "orders_clean_a.csv.bak", "README.txt"]) {
      await deliver(name, 4000);
    }
    const before = await keys("bronze");
    await clean();
    await expire({ bronze: 1 });
    expect(await keys("bronze")).toEqual(before);
  });

  test("stays where it is not what was cleaned, also when it looks older than its silver object", async () => {
    await delivered("orders_a.json", 50);
    writeFileSync(fileOf("bronze", "orders_a.json"), ORDERS.replace("o1", "o9-replaced"));
    age("bronze", "orders_a.json", 60);
    await delivered("orders_b.json", 50);
    await expire({ bronze: 30 });
    expect(await keys("bronze")).toEqual(["orders_a.json"]);
    expect(warnings()).toEqual([expect.stringContaining("ingot rebuild --from bronze")]);
  });

  test("stays where its silver object does not tell what it was made from", async () => {
    await deliver("orders_a.json", 50);
    await lake.silver.write("orders_clean_a.csv", Buffer.from("order_id\n"));
    await expire({ bronze: 30 });
    expect(await keys("bronze")).toEqual(["orders_a.json"]);
  });

  test("stays where somebody replaces it while it is being looked at", async () => {
    await delivered("orders_a.json", 50);
    const replacing: ObjectStore = {
      ...delegate(lake.silver),
      stat: async (key) => {
        const stat = await lake.silver.stat(key);
        await lake.bronze.write("orders_a.json", Buffer.from("[]"));
        return stat;
      },
    };
    expect(await expire({ bronze: 30 }, { layers: { silver: replacing } })).toMatchObject({ deleted: 0 });
    expect(await keys("bronze")).toEqual(["orders_a.json"]);
  });

  test("stays for an hour more: the storage's clock may be ahead or behind", async () => {
    await delivered("orders_a.json", 30 + 0.5 / 24);
    await delivered("orders_b.json", 30 + 2 / 24);
    await delivered("orders_future.json", -1);
    await expire({ bronze: 30 });
    expect(await keys("bronze")).toEqual(["orders_a.json", "orders_future.json"]);
  });

  test("is cleaned again, and counted once, where somebody delivers it again", async () => {
    await delivered("orders_a.json", 50);
    const text = async (): Promise<string> =>
      Buffer.concat(await Array.fromAsync((await lake.silver.read("orders_clean_a.csv")).body)).toString();
    const before = await text();
    await expire({ bronze: 30 });
    await deliver("orders_a.json", 0.1);
    await clean();
    expect(await text()).toBe(before);
    expect(await keys("silver")).toEqual(["orders_clean_a.csv"]);
  });
});

describe("quarantine that is too old", () => {
  test("goes with its metadata; younger quarantine, bronze and silver stay", async () => {
    await delivered("orders_old.json", 31);
    await delivered("orders_young.json", 29);
    expect(await expire({ quarantine: 30 })).toMatchObject({ deleted: 1 });
    expect(await keys("quarantine")).toEqual([QUARANTINED("orders_young.json")]);
    expect([await keys("bronze"), await keys("silver")].map(({ length }) => length)).toEqual([2, 2]);
  });

  test("goes also where bronze went before it", async () => {
    await delivered("orders_a.json", 50);
    await expire({ bronze: 40, quarantine: 60 });
    expect(await keys("quarantine")).toHaveLength(1);
    await expire({ bronze: 40, quarantine: 40 });
    expect([await keys("bronze"), await keys("quarantine")]).toEqual([[], []]);
  });

  test("stays while its bronze object is not cleaned, or is to be cleaned anew", async () => {
    await delivered("orders_killed.json", 50);
    rmSync(fileOf("silver", "orders_clean_killed.csv"));
    await delivered("orders_replaced.json", 50);
    writeFileSync(fileOf("bronze", "orders_replaced.json"), `${ORDERS} `);
    await expire({ quarantine: 30 });
    expect(await keys("quarantine")).toEqual(["orders_killed.json", "orders_replaced.json"].map(QUARANTINED));
  });

  test("stays where the cleaner has not written it", async () => {
    for (const key of ["notes.txt", "orders_a.json", "invoice.pdf.rejected.jsonl", ".rejected.jsonl"]) {
      await lake.quarantine.write(key, Buffer.from("x"));
      age("quarantine", key, 4000);
    }
    await expire({ quarantine: 1, bronze: 1 });
    expect(await keys("quarantine")).toHaveLength(4);
  });
});

describe("retention", () => {
  test("touches nothing without its option", async () => {
    await delivered("orders_a.json", 5000);
    expect(await expire({})).toMatchObject({ deleted: 0 });
    expect([await keys("bronze"), await keys("quarantine")].map(({ length }) => length)).toEqual([1, 1]);
  });

  test("is the store's where its rule says so; a rule for other days is worth a line, once", async () => {
    await delivered("orders_a.json", 5000);
    const unread: ObjectStore = { ...delegate(lake.bronze), list: () => expect.unreachable() };
    const layers = { bronze: unread, quarantine: unread };
    await expire({ bronze: 30, quarantine: 30 }, { byStore: 30, layers });
    expect(lines).toEqual([]);
    const { pass } = expiry({ bronze: 30 }, { byStore: 90, layers });
    await pass(signal);
    await pass(signal);
    expect(warnings()).toEqual([
      "the store deletes in bronze after 90 days, but BRONZE_RETENTION_DAYS is 30: run `ingot init` again",
    ]);
  });

  test("stops when it is asked to", async () => {
    await delivered("orders_a.json", 50);
    const stop = new AbortController();
    stop.abort();
    await expiry({ bronze: 1, quarantine: 1 }).pass(stop.signal);
    expect([await keys("bronze"), await keys("quarantine")].map(({ length }) => length)).toEqual([1, 1]);
  });

  test("works off many, several at once beside each other", async () => {
    for (let i = 0; i < 100; i++) await deliver(`orders_${i}.json`, 50);
    await clean();
    const reports = await Promise.all([
      expire({ bronze: 30 }),
      expire({ bronze: 30 }),
      expire({ bronze: 30 }),
    ]);
    expect(reports.every(({ failures }) => failures.length === 0)).toBe(true);
    expect(await keys("bronze")).toEqual([]);
    expect(await keys("silver")).toHaveLength(100);
    expect(existsSync(fileOf("bronze", "orders_1.json"))).toBe(false);
  });
});

/** A store's methods as an object of their own, so that one of them can be another's. */
function delegate(store: ObjectStore): ObjectStore {
  return {
    url: store.url,
    settleMs: store.settleMs,
    list: (options) => store.list(options),
    stat: (key) => store.stat(key),
    read: (key) => store.read(key),
    write: (key, body, options) => store.write(key, body, options),
    delete: (key) => store.delete(key),
  };
}
