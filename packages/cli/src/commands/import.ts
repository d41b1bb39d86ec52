import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import path from "node:path";
import { createGunzip } from "node:zlib";
import {
  type Command,
  type CommandContext,
  hasInputEnding,
  IngotError,
  lakeLocation,
  messageOf,
  type ObjectStore,
  openLake,
  sha256Of,
} from "@ingot/common";
import { DATASETS, type DatasetName, datasetOfBronze, parseInstant, UTC } from "@ingot/pipelines";

export const importCommand: Command = {
  name: "import",
  summary: "Put your own files into bronze, as they are.",
  description: `Files are copied to <dataset>/dt=<today>/ in bronze. The dataset is told by the file's name (customers…,
orders…, clicks…), by its field names, or by --dataset. CSV, JSON and JSON Lines are read, also gzipped.
A file that is there already is not copied again.`,
  positionals: "<files…>",
  flags: {
    dataset: {
      value: "NAME",
      help: "customers, orders or clicks, for files whose name and fields do not tell",
    },
    date: { value: "YYYY-MM-DD", help: "the dt= folder to put them in (default: today, UTC)" },
    json: { help: "print the result as JSON" },
  },
  options: ["lakeUrl", "bucketPrefix", "bronzeBucket", "s3Endpoint"],
  examples: ["ingot import orders_2026.csv customers.json", "ingot import --dataset orders export-march.csv"],
  run: importFiles,
};

interface Imported {
  file: string;
  key: string;
  bytes: number;
  /** False where the same bytes lay there already. */
  created: boolean;
}

async function importFiles({ settings, flags, positionals, clock, print }: CommandContext): Promise<void> {
  if (positionals.length === 0)
    throw new IngotError("usage", "Name the files to import: ingot import orders.csv");
  const date = typeof flags.date === "string" ? flags.date : clock.now().toISOString().slice(0, 10);
  if (parseInstant(date, UTC)?.date !== date) {
    throw new IngotError("usage", `--date is "${date}". Allowed: a date such as 2026-01-31.`);
  }
  const dataset = datasetFlag(flags.dataset);
  // All are looked at before the first is copied, so that a typing error does not leave half of them behind.
  const plans = await Promise.all(positionals.map((file) => plan(file, dataset, date)));
  const lake = await openLake(lakeLocation(settings));
  try {
    const results: Imported[] = [];
    for (const { file, key } of plans) results.push(await copy(lake.bronze, file, key));
    if (flags.json === true) print(JSON.stringify({ lake: lake.url, imported: results }));
    else
      for (const { file, key, created } of results)
        print(`${file} -> ${key}${created ? "" : " (was there)"}`);
  } finally {
    await lake.close();
  }
}

function datasetFlag(given: string | boolean | undefined): DatasetName | undefined {
  if (given === undefined) return undefined;
  if (typeof given === "string" && Object.hasOwn(DATASETS, given)) return given as DatasetName;
  throw new IngotError("usage", `--dataset is "${given}". Allowed: ${Object.keys(DATASETS).join(", ")}.`);
}

async function plan(file: string, given: DatasetName | undefined, date: string) {
  const info = await stat(file).catch((cause: unknown) => {
    throw new IngotError("usage", `${file} cannot be read: ${messageOf(cause)}`, { cause });
  });
  if (!info.isFile())
    throw new IngotError("usage", `${file} is not a file. Name the files themselves: ${file}/*.csv`);
  const name = path.basename(file);
  if (!hasInputEnding(name)) {
    throw new IngotError(
      "usage",
      `${file} does not end in .csv, .json, .jsonl, .ndjson or .txt (or one of these with .gz). Export it as CSV first.`,
    );
  }
  const byName = datasetOfBronze(name)?.name;
  const dataset = given ?? byName ?? (await datasetByFields(file));
  if (!dataset) {
    throw new IngotError(
      "usage",
      `${file}: neither its name nor its fields tell what it holds. Add --dataset orders.`,
    );
  }
  const base = byName === dataset ? name : `${dataset}_${name}`;
  return { file, key: `${dataset}/dt=${date}/${base}` };
}

const SAMPLE_BYTES = 64 * 1024;

/** The dataset whose own field names the beginning of a file mentions; `undefined` where that is not clear. */
async function datasetByFields(file: string): Promise<DatasetName | undefined> {
  const sample = await beginning(file);
  const names = new Set(
    sample
      .toString("utf8")
      .toLowerCase()
      .match(/[a-z_]+/g) ?? [],
  );
  const telling: [DatasetName, string][] = [
    ["orders", "order_id"],
    ["clicks", "page"],
    ["customers", "signup_date"],
  ];
  const candidates = telling.filter(([, field]) => names.has(field));
  return candidates.length === 1 ? candidates[0]![0] : undefined;
}

async function beginning(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0);
    const raw = buffer.subarray(0, bytesRead);
    return raw[0] === 0x1f && raw[1] === 0x8b ? await unzipBeginning(raw) : raw;
  } finally {
    await handle.close();
  }
}

async function unzipBeginning(raw: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createGunzip().end(raw)) chunks.push(chunk as Buffer);
  } catch {
    // The sample ends in the middle of the stream; what came out before is enough.
  }
  return Buffer.concat(chunks);
}

/** Copies a file; under another name where its own is taken by other content. */
async function copy(bronze: ObjectStore, file: string, wanted: string): Promise<Imported> {
  const sha256 = await sha256Of(createReadStream(file));
  const bytes = (await stat(file)).size;
  const dot = wanted.indexOf(".", wanted.lastIndexOf("/"));
  const other = `${wanted.slice(0, dot)}-${sha256.slice(0, 8)}${wanted.slice(dot)}`;
  for (const key of [wanted, other]) {
    const { created } = await bronze.write(key, createReadStream(file), { ifAbsent: true });
    if (created) return { file, key, bytes, created };
    // Who may only add cannot compare; a name that carries the content's hash is proof enough then.
    const stored = await hashIfAllowed(bronze, key);
    if (stored === sha256 || (stored === undefined && key === other)) return { file, key, bytes, created };
  }
  throw new IngotError(
    "invalid_key",
    `${file}: ${other} exists already with other content. Rename the file.`,
  );
}

/** The hash of an object's bytes; `undefined` for a writer that may not read. */
async function hashIfAllowed(bronze: ObjectStore, key: string): Promise<string | undefined> {
  try {
    return await sha256Of((await bronze.read(key)).body);
  } catch (error) {
    if (error instanceof IngotError && error.code === "storage_denied") return undefined;
    throw error;
  }
}
