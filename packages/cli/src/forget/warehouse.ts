import { createReadStream, existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { refillWarehouse } from "@ingot/aggregator";
import { type CommandContext, IngotError, type Lake } from "@ingot/common";
import { emptyLog, openWarehouse, warehouseFile } from "@ingot/warehouse";
import { cacheFolder } from "../query/cache-folder.ts";
import type { Search } from "./bronze.ts";

export interface WarehouseOutcome {
  /** `elsewhere`: there is no warehouse of this lake on this machine. */
  kind: "filled anew" | "knew nothing" | "elsewhere";
  /** Files beside it that name the person, and that nobody uses any more. */
  putAside: readonly string[];
}

/**
 * Fills the warehouse anew if it names the person. Silver has to be without them by then.
 *
 * @throws IngotError `incomplete` where it still names them afterwards; of the warehouse and the storage
 */
export async function forgetInWarehouse(
  lake: Lake,
  { person }: Search,
  context: CommandContext,
): Promise<WarehouseOutcome> {
  const file = warehouseFile(context.settings);
  const texts = person.customers.map(({ id }) => Buffer.from(id));
  const folder = path.dirname(file);
  const names = await readdir(folder).catch(() => []);
  const putAside: string[] = [];
  for (const name of names.filter((candidate) => candidate.startsWith(`${path.basename(file)}.unusable-`))) {
    if (await holds(path.join(folder, name), texts)) putAside.push(path.join(folder, name));
  }
  if (!existsSync(file)) return { kind: "elsewhere", putAside };
  if (!(await isIn(file, texts))) return { kind: "knew nothing", putAside };
  await refillWarehouse(lake, context);
  await emptyLog(file);
  if (await knows(person, context)) {
    const text = `The warehouse ${file} still names the person: silver was written to meanwhile. Run it again.`;
    throw new IngotError("incomplete", text);
  }
  return { kind: "filled anew", putAside };
}

async function isIn(file: string, texts: readonly Buffer[]): Promise<boolean> {
  for (const part of [file, `${file}-wal`]) if (existsSync(part) && (await holds(part, texts))) return true;
  return false;
}

/** True where a file has one of the texts, as a row or as what remains of one. */
async function holds(file: string, texts: readonly Buffer[]): Promise<boolean> {
  const longest = Math.max(...texts.map(({ length }) => length));
  let tail: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([tail, chunk]);
    if (texts.some((text) => bytes.includes(text))) return true;
    tail = bytes.subarray(Math.max(0, bytes.length - longest));
  }
  return false;
}

async function knows({ customers }: Search["person"], { settings }: CommandContext): Promise<boolean> {
  const warehouse = openWarehouse(settings, () => undefined);
  try {
    const ids = customers.map(({ id }) => `'${id.replaceAll("'", "''")}'`).join(", ");
    const tables = ["orders", "customers"].map(
      (table) => `SELECT 1 FROM ${table} WHERE customer_id IN (${ids})`,
    );
    return (await warehouse.query(`${tables.join(" UNION ALL ")} LIMIT 1`)).rows.length > 0;
  } finally {
    await warehouse.close();
  }
}

/** Removes what `ingot query` has fetched from S3 stores: nobody can tell from the names what names whom. */
export async function emptyQueryCache(): Promise<void> {
  const folder = await cacheFolder("");
  if (folder === "") return;
  for (const name of await readdir(folder).catch(() => []))
    await rm(path.join(folder, name), { force: true });
}
