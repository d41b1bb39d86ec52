import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import type { ObjectInfo, ObjectStore } from "@ingot/common";
import { type Cell, type DuckDbSession, LocalObjects, openDuckDb, sqlText, sqlTexts } from "@ingot/engine";
import { DATASETS, type DatasetName, type DaySource, readDaySources, silverKey } from "@ingot/pipelines";
import { compactDay, RemadeDays, silverDay, silverDays } from "@ingot/pipelines/tables";
import type { Search } from "./bronze.ts";
import { DATASET_NAMES } from "./counts.ts";
import { forgottenRows, SILVER_TYPE } from "./silver.ts";

/** A day's Parquet file that holds rows of the person. */
export interface CompactedDay {
  dataset: DatasetName;
  day: string;
  /** Rows of the person by silver key. */
  rows: ReadonlyMap<string, number>;
}

/** Files that are looked at together; from an S3 store they are on the disk meanwhile. */
const FILES_AT_ONCE = 64;

/**
 * The days whose Parquet files hold rows of the person.
 *
 * @throws IngotError `silver_invalid`, `query_failed`; of the storage
 */
export async function compactedDaysOf(
  silver: ObjectStore,
  search: Search,
  signal: AbortSignal,
): Promise<CompactedDay[]> {
  const found: CompactedDay[] = [];
  await queryDays(silver, DATASET_NAMES, signal, async (dataset, files, all) => {
    const rows = await all(
      `SELECT filename, bronze_key, count(*) FROM ${parquet(files)} WHERE ${namesPerson(dataset, search)} GROUP BY ALL`,
    );
    for (const { path: file, day } of files) {
      const own = rows.filter(([name]) => name === file);
      const keys = own.map(([, key, count]) => [silverKey(DATASETS[dataset], key!), Number(count)] as const);
      if (own.length > 0) found.push({ dataset, day, rows: new Map(keys) });
    }
  });
  return found;
}

/** The ids of customers whose rows have this hash of an e-mail address. */
export async function customersWithHash(
  silver: ObjectStore,
  hash: string,
  signal: AbortSignal,
): Promise<string[]> {
  const ids: string[] = [];
  await queryDays(silver, ["customers"], signal, async (_, files, all) => {
    const rows = await all(
      `SELECT DISTINCT customer_id FROM ${parquet(files)} WHERE email_h = ${sqlText(hash)}`,
    );
    ids.push(...rows.map(([id]) => id!));
  });
  return ids;
}

interface DayFile {
  path: string;
  day: string;
}

const parquet = (files: readonly DayFile[]): string =>
  `read_parquet(${sqlTexts(files.map((file) => file.path))}, filename = true, hive_partitioning = false)`;

/** Lets `look` query the days' Parquet files of these datasets, some at a time. */
async function queryDays(
  silver: ObjectStore,
  datasets: readonly DatasetName[],
  signal: AbortSignal,
  look: (
    dataset: DatasetName,
    files: readonly DayFile[],
    all: (sql: string) => Promise<Cell[][]>,
  ) => Promise<void>,
): Promise<void> {
  const days = new Map<DatasetName, { day: string; info: ObjectInfo }[]>(datasets.map((name) => [name, []]));
  for await (const { dataset, day, compacted } of silverDays(silver)) {
    if (compacted) days.get(dataset)?.push({ day, info: compacted });
  }
  if ([...days.values()].every(({ length }) => length === 0)) return;
  const session = await openDuckDb();
  try {
    for (const [dataset, found] of days) {
      for (let at = 0; at < found.length; at += FILES_AT_ONCE) {
        const folder = await mkdtemp(path.join(session.folder, "search-"));
        const some = found.slice(at, at + FILES_AT_ONCE);
        const infos = some.map(({ info }) => info);
        const local = await new LocalObjects(folder).files(silver, infos, { signal });
        const files = local.map((file, index) => ({ path: file.path, day: some[index]!.day }));
        await look(dataset, files, (sql) => session.all(sql, { signal }));
        await rm(folder, { recursive: true, force: true });
      }
    }
  } finally {
    await session.close();
  }
}

function namesPerson(dataset: DatasetName, { person: { customers, emails } }: Search): string {
  const isOwn = `customer_id IN (SELECT unnest(${sqlTexts(customers.map(({ id }) => id))}))`;
  if (dataset !== "clicks") return isOwn;
  const forms = emails.flatMap((email) => [email, email.replaceAll("@", "%40")]);
  return [isOwn, ...forms.map((form) => `contains(lower(page), ${sqlText(form)})`)].join(" OR ");
}

/**
 * Writes the CSV objects anew, without the person, that lie in a day's Parquet file only.
 *
 * @param isGone tells of a silver key whether nobody else can make it anew
 */
export async function restoreWithoutPerson(
  silver: ObjectStore,
  { dataset, day, rows }: CompactedDay,
  search: Search,
  isGone: (key: string) => boolean,
): Promise<void> {
  const pruned: DaySource[] = [];
  for (const source of (await readDaySources(silver, { dataset, day })) ?? []) {
    if (rows.has(source.key) && isGone(source.key) && !(await silver.stat(source.key))) pruned.push(source);
  }
  if (pruned.length === 0) return;
  const remade = new RemadeDays(silver);
  try {
    for (const source of pruned) {
      const body = forgottenRows(await remade.read(source), dataset, search);
      await silver.write(source.key, body, { metadata: source.metadata, contentType: SILVER_TYPE });
    }
  } finally {
    await remade.close();
  }
}

/** Makes these days' Parquet files anew, where there are any. @throws as `compactDay` */
export async function compactAnew(
  silver: ObjectStore,
  days: Iterable<Pick<CompactedDay, "dataset" | "day">>,
  signal: AbortSignal,
): Promise<void> {
  let session: DuckDbSession | undefined;
  try {
    for (const place of days) {
      const day = await silverDay(silver, place);
      if (!day.compacted) continue;
      session ??= await openDuckDb();
      await compactDay(silver, day, { session, signal });
    }
  } finally {
    await session?.close();
  }
}
