import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { inParallel, type Lake, type ObjectMetadata, readAll } from "@ingot/common";
import { DATASETS, type DatasetName, prunedDay, readDaySources } from "@ingot/pipelines";
import { countLines, countRecords } from "./records.ts";

const PARALLEL = 16;

/** What became of the records of a dataset. */
export interface Account {
  objects: number;
  bronze: number;
  kept: number;
  rejected: number;
  duplicates: number;
  /** Records of which silver, quarantine and the counts of duplicates know nothing. */
  lost: number;
  /** Records that are there more than once. */
  doubled: number;
}

export interface Accounts {
  datasets: Record<DatasetName, Account>;
  /** What is not as it should be, in words. */
  differences: string[];
}

/** What silver and quarantine have of one bronze object. */
interface Outcome {
  /** Metadata of its silver objects. There should be one. */
  silver: ObjectMetadata[];
  /** Its rows in silver, as a query finds them. */
  rows: number;
  /** Its lines in quarantine. */
  rejected: number;
}

/**
 * Holds each bronze object's own records against what silver and quarantine have of it, object by object, so that a lost
 * record here is not made good by a doubled one there.
 *
 * @param bronze a folder with the bronze objects
 * @param rows how many rows a query of silver finds, by bronze key
 */
export async function accountFor(
  lake: Pick<Lake, "silver" | "quarantine">,
  bronze: string,
  rows: ReadonlyMap<string, number>,
): Promise<Accounts> {
  const outcomes = new Map<string, Outcome>();
  const outcomeOf = (key: string): Outcome => {
    const outcome = outcomes.get(key) ?? { silver: [], rows: 0, rejected: 0 };
    outcomes.set(key, outcome);
    return outcome;
  };
  for (const metadata of await silverMetadata(lake))
    outcomeOf(metadata.source_key ?? "").silver.push(metadata);
  for (const [key, count] of rows) outcomeOf(key).rows = count;
  for (const [key, count] of await rejectedLines(lake)) outcomeOf(key).rejected = count;

  const none = { objects: 0, bronze: 0, kept: 0, rejected: 0, duplicates: 0, lost: 0, doubled: 0 };
  const names = Object.keys(DATASETS) as DatasetName[];
  const datasets = Object.fromEntries(names.map((name) => [name, { ...none }])) as Accounts["datasets"];
  const differences: string[] = [];
  const contents = new Map<string, string>();
  for (const key of keysOf(bronze)) {
    const account = datasets[names.find((name) => path.basename(key).startsWith(name))!];
    const file = path.join(bronze, key);
    differences.push(...addTo(account, key, countRecords(file), outcomeOf(key)));
    outcomes.delete(key);
    const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
    const twin = contents.get(hash);
    if (twin) differences.push(`bronze has ${key} twice, also as ${twin}`);
    contents.set(hash, key);
  }
  for (const [key, { silver, rows: there, rejected }] of outcomes)
    differences.push(
      `not in bronze: ${key}, with ${silver.length} silver objects, ${there} rows, ${rejected} rejected`,
    );
  return { datasets, differences };
}

/** @returns what is wrong with this object */
function addTo(account: Account, key: string, bronze: number, { silver, rows, rejected }: Outcome): string[] {
  const count = (name: string): number => silver.reduce((sum, metadata) => sum + Number(metadata[name]), 0);
  const duplicates = count("duplicates");
  const known = rows + rejected + duplicates;
  account.objects += 1;
  account.bronze += bronze;
  account.kept += rows;
  account.rejected += rejected;
  account.duplicates += duplicates;
  account.lost += Math.max(0, bronze - known);
  account.doubled += Math.max(0, known - bronze);
  const told = { read: count("read"), kept: count("kept"), rejected: count("rejected") };
  const isTold = told.read === bronze && told.kept === rows && told.rejected === rejected;
  if (silver.length === 1 && known === bronze && isTold) return [];
  const found = `${rows} rows, ${rejected} rejected lines, ${duplicates} duplicates in ${silver.length} silver objects`;
  return [`${key}: ${bronze} records, but ${found}; metadata ${JSON.stringify(told)}`];
}

/** Metadata of each silver object: those that lie there as CSV, and those that were pruned since. */
async function silverMetadata({ silver }: Pick<Lake, "silver">): Promise<ObjectMetadata[]> {
  const infos = await Array.fromAsync(silver.list());
  const isCsv = (key: string): boolean => path.basename(key).includes("_clean_") && key.endsWith(".csv");
  const csv = new Set(infos.map(({ key }) => key).filter(isCsv));
  const found = await inParallel([...csv], PARALLEL, async (key) => (await silver.stat(key))?.metadata ?? {});
  for (const { key } of infos) {
    const day = prunedDay(key);
    const sources = day && (await readDaySources(silver, day));
    for (const source of sources ?? []) if (!csv.has(source.key)) found.push(source.metadata);
  }
  return found;
}

async function rejectedLines({ quarantine }: Pick<Lake, "quarantine">): Promise<[string, number][]> {
  const infos = await Array.fromAsync(quarantine.list());
  return inParallel(infos, PARALLEL, async ({ key }) => {
    const text = (await readAll(quarantine, key)).toString("utf8");
    return [key.replace(/\.rejected\.jsonl$/, ""), countLines(text)];
  });
}

/** The keys of the objects in a folder; names that begin with a dot are no objects. */
export function keysOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}
