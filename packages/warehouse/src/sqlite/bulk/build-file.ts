import { open, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { compareKeys, IngotError } from "@ingot/common";
import type { IngestReport, OpenSilverObject, SilverObject } from "../../warehouse.ts";
import type { IngestedBefore } from "../ingested-before.ts";
import { ingestedRows, objectRow } from "../object-rows.ts";
import { openAhead } from "../open-ahead.ts";
import { atRow } from "../staging.ts";
import type { BuildAnswer, BuildRequest } from "./build-thread.ts";
import { Packer, type Part } from "./parts.ts";

/** Rows and parts that go to the thread at a time, and messages that may wait there: some megabytes in all. */
const ROWS_AT_A_TIME = 4_096;
const PARTS_AT_A_TIME = 256;
const MESSAGES_AHEAD = 8;
/** A file that is being built is written to all the time. */
const ABANDONED_MS = 30 * 60 * 1000;

export interface BuildOptions {
  /** The warehouse for which the file is meant. The new one is made beside it. */
  file: string;
  lakeUrl: string;
  now: () => Date;
  /** Since when the warehouse has what it has. */
  before: IngestedBefore;
  signal: AbortSignal | undefined;
}

export interface BuiltFile {
  /** The path of the new file: complete, on the disk, in nobody's use. */
  file: string;
  report: IngestReport;
}

/**
 * Builds a new warehouse file from all of silver. Whatever happens, a file that is not complete is removed.
 *
 * @throws what reading an object throws, unless the object itself is at fault; the signal's reason; SQLite's errors
 */
export async function buildFile(objects: Iterable<SilverObject>, options: BuildOptions): Promise<BuiltFile> {
  await removeAbandoned(options.file);
  const file = `${options.file}.building-${process.pid}-${crypto.randomUUID().slice(0, 8)}`;
  const thread = new BuildThread(file, options.lakeUrl);
  const stop = (): void => thread.stop(options.signal?.reason);
  options.signal?.addEventListener("abort", stop);
  try {
    options.signal?.throwIfAborted();
    const report = await feed(thread, objects, options);
    await thread.finish();
    await flushToDisk(file);
    return { file, report };
  } catch (error) {
    await thread.close();
    await rm(file, { force: true });
    throw error;
  } finally {
    options.signal?.removeEventListener("abort", stop);
    await thread.close();
  }
}

async function feed(
  thread: BuildThread,
  objects: Iterable<SilverObject>,
  { now, before }: BuildOptions,
): Promise<IngestReport> {
  const ingested: IngestReport["ingested"][number][] = [];
  const failed: IngestReport["failed"][number][] = [];
  const ingestedAt = now().toISOString();
  const packer = new Packer();
  const items = inOrder(objects).map((object, index) => ({ object, id: index + 1 }));
  for await (const opened of openAhead(items)) {
    const { object, id } = opened.item;
    try {
      if ("error" in opened) throw opened.error;
      const rows = await addRows(thread, packer, object, id, opened.content);
      const since = before(object.key, opened.content.sha256()) ?? ingestedAt;
      await thread.add({ kind: "object", row: objectRow(id, object, opened.content, rows, since) }, 0);
      ingested.push(ingestedRows(object, opened.content, rows));
    } catch (error) {
      if (!isObjectsOwnFault(error)) throw error;
      await thread.add({ kind: "drop" }, 0);
      failed.push({ key: object.key, error });
    }
  }
  return { ingested, skipped: [], failed };
}

async function addRows(
  thread: BuildThread,
  packer: Packer,
  object: SilverObject,
  id: number,
  content: OpenSilverObject,
): Promise<number> {
  let rows = 0;
  const count = (): void => {
    rows += 1;
  };
  try {
    for await (const batch of content.rows)
      await thread.add(packer[object.dataset](id, batch, count), batch.length);
    return rows;
  } catch (error) {
    throw atRow(error, object.key, rows + 1);
  }
}

/** Customers first, so that the countries of all orders are known; each kind by bronze key. No object twice. */
function inOrder(objects: Iterable<SilverObject>): SilverObject[] {
  const rank = ({ dataset }: SilverObject): number => (dataset === "customers" ? 0 : 1);
  return [...new Map([...objects].map((object) => [object.key, object])).values()].sort(
    (a, b) => rank(a) - rank(b) || compareKeys(a.bronzeKey, b.bronzeKey) || compareKeys(a.key, b.key),
  );
}

/** An object that is broken or gone stays away from a rebuild without harm; anything else may be over soon. */
function isObjectsOwnFault(error: unknown): boolean {
  return error instanceof IngotError && (error.code === "silver_invalid" || error.code === "object_missing");
}

/** The thread that builds the file, with a short queue of what it has to do. */
class BuildThread {
  readonly #worker: Worker;
  #parts: Part[] = [];
  #rows = 0;
  #unanswered = 0;
  #failure: { error: unknown } | undefined;
  #onAnswer: () => void = () => undefined;

  constructor(file: string, lakeUrl: string) {
    this.#worker = new Worker(new URL("./build-thread.ts", import.meta.url), {
      workerData: { file, lakeUrl },
    });
    this.#worker.on("message", (answer: BuildAnswer) => {
      this.#unanswered -= 1;
      if (!answer.ok) {
        const { message, errcode } = answer;
        this.stop(Object.assign(new Error(message), { errcode }));
      }
      this.#onAnswer();
    });
    this.#worker.on("error", (error) => this.stop(error));
  }

  /** Hands a part over; waits while the thread has enough to do. */
  async add(part: Part, rows: number): Promise<void> {
    this.#parts.push(part);
    this.#rows += rows;
    if (this.#rows >= ROWS_AT_A_TIME || this.#parts.length >= PARTS_AT_A_TIME)
      await this.#send(MESSAGES_AHEAD);
  }

  async finish(): Promise<void> {
    await this.#send(MESSAGES_AHEAD);
    this.#post("finish", []);
    await this.#answered(0);
  }

  /** Makes whoever waits for the thread, or will, fail with this error. */
  stop(error: unknown): void {
    this.#failure ??= { error };
    this.#onAnswer();
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #send(ahead: number): Promise<void> {
    const parts = this.#parts;
    this.#parts = [];
    this.#rows = 0;
    const buffers = parts.flatMap((part) =>
      "numbers" in part ? [part.numbers.buffer, part.lengths.buffer] : [],
    );
    this.#post({ parts }, buffers);
    await this.#answered(ahead);
  }

  #post(request: BuildRequest, buffers: ArrayBuffer[]): void {
    this.#worker.postMessage(request, buffers);
    this.#unanswered += 1;
  }

  async #answered(ahead: number): Promise<void> {
    while (this.#unanswered > ahead && !this.#failure) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onAnswer = resolve;
      await promise;
    }
    if (this.#failure) throw this.#failure.error;
  }
}

async function flushToDisk(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes what was left behind by processes that were killed while they built a file. */
async function removeAbandoned(file: string): Promise<void> {
  const folder = path.dirname(file);
  const prefix = `${path.basename(file)}.building-`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue;
    const info = await stat(path.join(folder, name)).catch(() => undefined);
    if (info && Date.now() - info.mtimeMs > ABANDONED_MS) await rm(path.join(folder, name), { force: true });
  }
}
