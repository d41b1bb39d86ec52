import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FileStore, type ObjectInfo, type ObjectStore, readAll } from "@ingot/common";
import { csvLine, type DuckDbSession, LocalObjects, openDuckDb, readCsv } from "@ingot/engine";
import { onTestFinished } from "vitest";
import { openLakeTables, type SilverDay } from "../../../src/ecommerce/tables/index.ts";
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
  const objects: ObjectInfo[] = [];
  for await (const info of silver.list({ prefix: `${dataset}/dt=${day}/` })) objects.push(info);
  const compacted = await silver.stat(`parquet/${dataset}/dt=${day}/${dataset}.parquet`);
  return { dataset, day, objects, compacted };
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

export async function csvRowsOf(silver: ObjectStore, dataset: DatasetName, key: string): Promise<string[][]> {
  const bytes = await readAll(silver, key);
  const body = (async function* () {
    yield bytes;
  })();
  const rows: string[][] = [];
  for await (const batch of readCsv(body, DATASETS[dataset].silverColumns))
    for (const row of batch) rows.push(row);
  return rows;
}
