import { createHash } from "node:crypto";
import { IngotError, type ObjectStore, readAll, timestamp } from "@ingot/common";
import { DATASETS, type DatasetName } from "@ingot/pipelines";
import type { RowCounts, Tick } from "./world.ts";

/**
 * Orders first, as in a real shop: then a reader meets orders whose customers it does not know yet.
 */
export const WRITING_ORDER: readonly DatasetName[] = ["orders", "customers", "clicks"];

const CONTENT_TYPES: Readonly<Record<DatasetName, string>> = {
  customers: "text/csv; charset=utf-8",
  orders: "application/json",
  clicks: "application/x-ndjson",
};

export interface WriteReport {
  /** Objects written. */
  written: number;
  /** Objects that were there already. */
  existing: number;
  /** Records in the objects written. */
  rows: RowCounts;
}

export const nothingWritten = (): WriteReport => ({
  written: 0,
  existing: 0,
  rows: { customers: 0, orders: 0, clicks: 0 },
});

/** Adds `part` to `sum`. */
export function addReport(sum: WriteReport, part: WriteReport): void {
  sum.written += part.written;
  sum.existing += part.existing;
  for (const dataset of WRITING_ORDER) sum.rows[dataset] += part.rows[dataset];
}

/** A tick's bronze key (contract: e-commerce, section 1), `at` in UTC. */
export function bronzeKeyAt(dataset: DatasetName, at: Date, suffix = ""): string {
  const day = at.toISOString().slice(0, 10);
  return `${dataset}/dt=${day}/${dataset}_${timestamp(at)}${suffix}${DATASETS[dataset].usualEnding}`;
}

/**
 * Writes a tick's files; those without records are left out. Writing the same tick again writes nothing. Where another
 * writer has used a key for something else, the file goes beside it, under a name with a hash of its content.
 *
 * @throws IngotError whatever the storage throws
 */
export async function writeTick(bronze: ObjectStore, tick: Tick): Promise<WriteReport> {
  const report = nothingWritten();
  for (const dataset of WRITING_ORDER) {
    if (tick.rows[dataset] === 0) continue;
    if (await writeFile(bronze, dataset, tick)) {
      report.written += 1;
      report.rows[dataset] = tick.rows[dataset];
    } else {
      report.existing += 1;
    }
  }
  return report;
}

/** @returns whether it had to be written */
async function writeFile(bronze: ObjectStore, dataset: DatasetName, tick: Tick): Promise<boolean> {
  const bytes = tick.files[dataset];
  const key = bronzeKeyAt(dataset, tick.at);
  if (await writeIfAbsent(bronze, key, dataset, bytes)) return true;
  if (await holds(bronze, key, bytes)) return false;
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
  return await writeIfAbsent(bronze, bronzeKeyAt(dataset, tick.at, `-${hash}`), dataset, bytes);
}

/** @returns whether the key was free */
export async function writeIfAbsent(
  bronze: ObjectStore,
  key: string,
  dataset: DatasetName,
  bytes: Buffer,
): Promise<boolean> {
  const options = { ifAbsent: true, contentType: CONTENT_TYPES[dataset] };
  return (await bronze.write(key, bytes, options)).created;
}

/** True where an object has these bytes, and this writer may see that. */
export async function holds(bronze: ObjectStore, key: string, bytes: Buffer): Promise<boolean> {
  return (await readIfAllowed(bronze, key))?.equals(bytes) ?? false;
}

/** An object's bytes; `undefined` for a writer that may not read. */
export async function readIfAllowed(bronze: ObjectStore, key: string): Promise<Buffer | undefined> {
  try {
    return await readAll(bronze, key);
  } catch (error) {
    if (error instanceof IngotError && error.code === "storage_denied") return undefined;
    throw error;
  }
}
