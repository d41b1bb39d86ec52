import { createReadStream, existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { refillWarehouse } from "@ingot/aggregator";
import { type CommandContext, IngotError, type Lake } from "@ingot/common";
import { emptyLog, openWarehouse, warehouseFile } from "@ingot/warehouse";
import { cacheFolder } from "../query/cache-folder.ts";
import { mayNamePerson, type Search } from "./bronze.ts";

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
  search: Search,
  context: CommandContext,
): Promise<WarehouseOutcome> {
  const file = warehouseFile(context.settings);
  const kind = await forgetInFile(file, lake, search, context);
  // A file of an older version is put aside only when it is opened.
  return { kind, putAside: await putAsideWith(file, search) };
}

async function forgetInFile(
  file: string,
  lake: Lake,
  search: Search,
  context: CommandContext,
): Promise<WarehouseOutcome["kind"]> {
  if (!existsSync(file)) return "elsewhere";
  if (!(await hasIds(file, search)) && !(await knows(search, context))) return "knew nothing";
  await refillWarehouse(lake, context);
  await emptyLog(file);
  if (await knows(search, context)) {
    const text = `The warehouse ${file} still names the person: silver was written to meanwhile. Run it again.`;
    throw new IngotError("incomplete", text);
  }
  return "filled anew";
}

async function putAsideWith(file: string, search: Search): Promise<string[]> {
  const folder = path.dirname(file);
  const names = await readdir(folder).catch(() => []);
  const putAside: string[] = [];
  for (const name of names.filter((candidate) => candidate.startsWith(`${path.basename(file)}.unusable-`))) {
    const candidate = path.join(folder, name);
    const isNamed = (bytes: Buffer) => hasId(bytes, search) || search.text.hasEmail(bytes);
    if (await mayNamePerson(chunksOf(candidate), search.text, isNamed)) putAside.push(candidate);
  }
  return putAside;
}

/** True where a file or its log has one of the ids, in a row or in what remains of one. */
async function hasIds(file: string, search: Search): Promise<boolean> {
  const isNamed = (bytes: Buffer) => hasId(bytes, search);
  for (const part of [file, `${file}-wal`])
    if (existsSync(part) && (await mayNamePerson(chunksOf(part), search.text, isNamed))) return true;
  return false;
}

const chunksOf = (file: string): AsyncIterable<Buffer> =>
  createReadStream(file, { highWaterMark: 1024 * 1024 });

const hasId = (bytes: Buffer, { person }: Search): boolean =>
  person.customers.some(({ id }) => bytes.includes(id));

/** True where rows are the person's, or somebody's clicks have their e-mail address in the page. */
async function knows({ person, text }: Search, { settings }: CommandContext): Promise<boolean> {
  const warehouse = openWarehouse(settings, () => undefined);
  try {
    const ids = person.customers.map(({ id }) => `'${id.replaceAll("'", "''")}'`).join(", ");
    const tables = ["orders", "customers", "clicks"].map(
      (table) => `SELECT 1 FROM ${table} WHERE customer_id IN (${ids})`,
    );
    if ((await warehouse.query(`${tables.join(" UNION ALL ")} LIMIT 1`)).rows.length > 0) return true;
    const pages = "SELECT DISTINCT page FROM clicks WHERE instr(page, '@') OR instr(page, '%')";
    return (await warehouse.query(pages)).rows.some(([page]) => text.hasEmail(Buffer.from(String(page))));
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
