import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import path from "node:path";
import { createGunzip } from "node:zlib";
import {
  type Command,
  type CommandContext,
  counted,
  hasInputEnding,
  IngotError,
  inParallel,
  lakeLocation,
  type MeteredObject,
  messageOf,
  meterObjects,
  type ObjectStore,
  openLake,
  sha256Of,
} from "@ingot/common";
import { type DatasetName, datasetOfBronze, parseInstant, UTC } from "@ingot/pipelines";
import { datasetFlag } from "../flags.ts";

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

interface Planned {
  file: string;
  key: string;
  bytes: number;
}

interface Imported extends Planned {
  /** False where the same bytes lay there already. */
  created: boolean;
}

async function importFiles(context: CommandContext): Promise<void> {
  const { settings, flags, positionals, clock, signal, print } = context;
  if (positionals.length === 0)
    throw new IngotError("usage", "Name the files to import: ingot import orders.csv");
  const date = typeof flags.date === "string" ? flags.date : clock.now().toISOString().slice(0, 10);
  if (parseInstant(date, UTC)?.date !== date) {
    throw new IngotError("usage", `--date is "${date}". Allowed: a date such as 2026-01-31.`);
  }
  const dataset = datasetFlag(flags.dataset);
  // All are looked at before the first is copied, so that a typing error does not leave half of them behind.
  const plans = await inParallel(positionals, PARALLEL, (file) => plan(file, dataset, date));
  const lake = await openLake(lakeLocation(settings));
  const meter = meterObjects(context.meter, { title: "importing" })(plans.map(({ bytes }) => bytes));
  try {
    // Files of one name are copied one after the other: the first of them is to have the name.
    const byKey = Map.groupBy(plans, ({ key }) => key);
    const copied = await inParallel([...byKey.values()], PARALLEL, async (group) => {
      const results: [Planned, Imported][] = [];
      for (const planned of group) {
        if (signal.aborted) throw new IngotError("incomplete", STOPPED);
        const metered = meter.begin(planned.bytes);
        results.push([planned, await copy(lake.bronze, planned, metered, signal)]);
      }
      return results;
    });
    meter.close();
    const copies = new Map(copied.flat());
    const results = plans.map((planned) => copies.get(planned)!);
    if (flags.json === true) print(JSON.stringify({ lake: lake.url, imported: results }));
    else
      for (const { file, key, created } of results)
        print(`${file} -> ${key}${created ? "" : " (was there)"}`);
  } finally {
    meter.close();
    await lake.close();
  }
}

async function plan(file: string, given: DatasetName | undefined, date: string): Promise<Planned> {
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
  return { file, key: `${dataset}/dt=${date}/${base}`, bytes: info.size };
}

/** Files looked at, and copied, at the same time: an upload of a large one holds some parts of it in memory. */
const PARALLEL = 4;
const PIECE_BYTES = 1024 * 1024;
const CREATE = { ifAbsent: true };
const STOPPED = "Stopped before all was imported. Run it again: what is there is not copied twice.";

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
async function copy(
  bronze: ObjectStore,
  { file, key: wanted }: Planned,
  metered: MeteredObject,
  signal: AbortSignal,
): Promise<Imported> {
  let bytes = 0;
  const read = (): AsyncIterable<Uint8Array> => {
    bytes = 0;
    return counted(createReadStream(file, { highWaterMark: PIECE_BYTES, signal }), (more) => {
      bytes += more;
      metered.read(more);
    });
  };
  try {
    // Most files are new: only those whose name is taken have to be compared, which takes another look at them.
    const first = (await isThere(bronze, wanted))
      ? false
      : (await bronze.write(wanted, read(), CREATE)).created;
    if (first) return { file, key: wanted, bytes, created: true };
    const sha256 = await sha256Of(createReadStream(file, { signal }));
    const dot = wanted.indexOf(".", wanted.lastIndexOf("/"));
    const other = `${wanted.slice(0, dot)}-${sha256.slice(0, 8)}${wanted.slice(dot)}`;
    for (const key of [wanted, other]) {
      const isNew = key === other && (await bronze.write(key, read(), CREATE)).created;
      bytes = (await stat(file)).size;
      if (isNew) return { file, key, bytes, created: true };
      // Who may only add cannot compare; a name that carries the content's hash is proof enough then.
      const stored = await ifAllowed(async () => sha256Of((await bronze.read(key)).body));
      if (stored === sha256 || (stored === undefined && key === other)) {
        return { file, key, bytes, created: false };
      }
    }
    throw new IngotError(
      "invalid_key",
      `${file}: ${other} exists already with other content. Rename the file.`,
    );
  } catch (error) {
    if (signal.aborted) throw new IngotError("incomplete", STOPPED);
    throw error;
  } finally {
    metered.end();
  }
}

/** False where it is not there, and for a writer that may not look. */
async function isThere(bronze: ObjectStore, key: string): Promise<boolean> {
  return (await ifAllowed(() => bronze.stat(key))) !== undefined;
}

/** What `ask` answers; `undefined` for a writer that may not read. */
async function ifAllowed<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof IngotError && error.code === "storage_denied") return undefined;
    throw error;
  }
}
