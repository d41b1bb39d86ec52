import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import {
  type CommandContext,
  counted,
  IngotError,
  inParallel,
  type MeteredObject,
  meterObjects,
  type ObjectStore,
  sha256Of,
  timestamp,
} from "@ingot/common";
import type { PlannedFile } from "./planned-file.ts";

export interface ImportedFile extends Pick<PlannedFile, "file" | "bytes" | "table"> {
  key: string;
  /** False where the same bytes lay there already. */
  created: boolean;
}

/** Files looked at, and copied, at the same time: an upload of a large one holds some parts of it in memory. */
export const PARALLEL = 4;
const PIECE_BYTES = 1024 * 1024;
const CREATE = { ifAbsent: true };
const STOPPED = "Stopped before all was imported. Run it again: what is there is not copied twice.";

type Copying = Pick<CommandContext, "signal" | "clock" | "meter">;

/** Copies files into bronze. @returns what became of each, in their order. @throws IngotError */
export async function copyFiles(
  bronze: ObjectStore,
  plans: readonly PlannedFile[],
  context: Copying,
): Promise<ImportedFile[]> {
  const meter = meterObjects(context.meter, { title: "importing" })(plans.map(({ bytes }) => bytes));
  try {
    // Files of one name are copied one after the other: the first of them is to have the name.
    const byKey = Map.groupBy(plans, ({ keyOf, base }) => keyOf(base));
    const copied = await inParallel([...byKey.values()], PARALLEL, async (group) => {
      const results: [PlannedFile, ImportedFile][] = [];
      for (const planned of group) {
        if (context.signal.aborted) throw new IngotError("incomplete", STOPPED);
        results.push([planned, await copy(bronze, planned, meter.begin(planned.bytes), context)]);
      }
      return results;
    });
    const copies = new Map(copied.flat());
    return plans.map((planned) => copies.get(planned)!);
  } finally {
    meter.close();
  }
}

/** Copies a file; under another name where its own is taken by other content. */
async function copy(
  bronze: ObjectStore,
  { file, base, keyOf, newest, table }: PlannedFile,
  metered: MeteredObject,
  { signal, clock }: Copying,
): Promise<ImportedFile> {
  let bytes = 0;
  const read = (): AsyncIterable<Uint8Array> => {
    bytes = 0;
    return counted(createReadStream(file, { highWaterMark: PIECE_BYTES, signal }), (more) => {
      bytes += more;
      metered.read(more);
    });
  };
  const writeNew = async (key: string): Promise<boolean> => (await bronze.write(key, read(), CREATE)).created;
  const imported = (key: string, created: boolean): ImportedFile => ({ file, key, bytes, created, table });
  try {
    const wanted = keyOf(base);
    // Most files are new: only those whose name is taken have to be compared, which takes another look at them.
    if (!(await isThere(bronze, wanted)) && (await writeNew(wanted))) return imported(wanted, true);
    const sha256 = await sha256Of(createReadStream(file, { signal }));
    const other = keyOf(named(base, sha256.slice(0, 8)));
    for (const key of [wanted, other]) {
      const isNew = key === other && (await writeNew(key));
      bytes = (await stat(file)).size;
      if (isNew) return imported(key, true);
      // Who may only add cannot compare; a name that carries the content's hash is proof enough then.
      const stored = await storedHash(bronze, key);
      if (stored !== sha256 && (stored !== undefined || key !== other)) continue;
      const last = newest && (await ifAllowed(() => newest(bronze, key)));
      if (last === undefined || last === key) return imported(key, false);
      if ((await storedHash(bronze, last)) === sha256) return imported(last, false);
      // It came before another one, and is to count again.
      const again = keyOf(named(base, `${sha256.slice(0, 8)}-${timestamp(clock.now())}`));
      return imported(again, await writeNew(again));
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

/** A file's name with something before its ending. */
export function named(base: string, addition: string): string {
  const dot = base.indexOf(".");
  const at = dot === -1 ? base.length : dot;
  return `${base.slice(0, at)}-${addition}${base.slice(at)}`;
}

/** False where it is not there, and for a writer that may not look. */
async function isThere(bronze: ObjectStore, key: string): Promise<boolean> {
  return (await ifAllowed(() => bronze.stat(key))) !== undefined;
}

/** `undefined` for a writer that may not read. */
const storedHash = (bronze: ObjectStore, key: string): Promise<string | undefined> =>
  ifAllowed(async () => sha256Of((await bronze.read(key)).body));

/** What `ask` answers; `undefined` for a writer that may not read. */
async function ifAllowed<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof IngotError && error.code === "storage_denied") return undefined;
    throw error;
  }
}
