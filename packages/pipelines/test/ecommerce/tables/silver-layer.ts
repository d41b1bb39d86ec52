import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FileStore, type ObjectStore } from "@ingot/common";
import { csvLine, type DuckDbSession, LocalObjects, openDuckDb } from "@ingot/engine";
import { onTestFinished } from "vitest";
import { openLakeTables, type SilverDay } from "../../../src/ecommerce/tables/index.ts";
import { silverDays } from "../../../src/ecommerce/tables/silver-days.ts";
import { DATASETS, type DatasetName } from "../../../src/index.ts";

export interface TestLake {
  silver: FileStore;
  gold: FileStore;
}

export function temporaryLake(): TestLake {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-tables-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return {
    silver: new FileStore(path.join(folder, "silver")),
    gold: new FileStore(path.join(folder, "gold")),
  };
}

export async function openSession(): Promise<DuckDbSession> {
  const session = await openDuckDb({ threads: 2 });
  onTestFinished(() => session.close());
  return session;
}

/** Writes a silver object as the cleaner does. */
export async function writeSilver(
  silver: ObjectStore,
  dataset: DatasetName,
  key: string,
  rows: readonly (readonly string[])[],
): Promise<void> {
  const text = [DATASETS[dataset].silverColumns, ...rows].map(csvLine).join("");
  await silver.write(key, Buffer.from(text), { metadata: { kept: String(rows.length) } });
}

/** An order; only what matters to a test needs to be given. */
export const order = (id: string, values: Partial<Record<string, string>> = {}): string[] => {
  const ts = values.order_ts ?? "2026-03-01T12:00:00.000000Z";
  const all: Record<string, string> = {
    order_id: id,
    customer_id: "C1",
    product: "mug",
    quantity: "1",
    unit_price: "5.0000",
    total_amount: "5.0000",
    order_ts: ts,
    order_date: ts.slice(0, 10),
    channel: "web",
    ...values,
  };
  return DATASETS.orders.silverColumns.map((column) => all[column]!);
};

export const customer = (id: string, country: string): string[] => [id, "", "A", "B", country, "2026-01-01"];

/** The objects of one day's folder. */
export async function dayOf(silver: ObjectStore, dataset: DatasetName, day: string): Promise<SilverDay> {
  for await (const found of silverDays(silver))
    if (found.dataset === dataset && found.day === day) return found;
  return { dataset, day, objects: [], isPruned: false };
}

/** Runs a query on the lake's tables as they are now. */
export async function ask(lake: TestLake, sql: string): Promise<(string | null)[][]> {
  const session = await openDuckDb({ threads: 2 });
  try {
    const objects = new LocalObjects(path.join(session.folder, "objects"));
    await openLakeTables({ ...lake, session, objects, sql });
    return await session.all(sql);
  } finally {
    await session.close();
  }
}

/** The same store, which does some things in another way. */
export function standIn(store: ObjectStore, changed: Partial<ObjectStore>): ObjectStore {
  return {
    url: store.url,
    settleMs: store.settleMs,
    list: (options) => store.list(options),
    stat: (key) => store.stat(key),
    read: (key) => store.read(key),
    write: (...written) => store.write(...written),
    delete: (key) => store.delete(key),
    ...changed,
  };
}
