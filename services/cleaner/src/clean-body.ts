import { splitKey } from "@ingot/common";
import { ContentReader, type GzipReport, inflated, maxRecordBytesOf } from "@ingot/engine";
import { DATASETS, type DatasetName, type RuleContext, type SampledSchema } from "@ingot/pipelines";
import { BlockQueue } from "./block-queue.ts";
import type { CleanedObject } from "./cleaned-object.ts";
import { type CleanedPart, PartWriter } from "./cleaned-part.ts";
import { HELPERS, type Helpers } from "./helpers.ts";
import { RecordCleaner } from "./record-cleaner.ts";
import { ValueSample } from "./value-sample.ts";

/** Bodies are read in such pieces. */
const PIECE_BYTES = 256 * 1024;

/** From these sizes on, helpers are worth their start. Text compresses to a tenth. */
const LARGE_BYTES = 8 * 1024 * 1024;
const LARGE_GZIP_BYTES = 1024 * 1024;

const BLOCK_BYTES = 512 * 1024;

export interface BodyOptions {
  key: string;
  dataset: DatasetName;
  context: RuleContext;
  /** Gives it up where it stands. */
  signal: AbortSignal | undefined;
}

/** How large bodies are shared among threads. */
export interface Sharing {
  helpers: Helpers;
  /** Bodies from this size on are shared. */
  largeBytes: number;
  blockBytes: number;
  /** Wait for the helpers before anything is read. */
  isPatient: boolean;
}

const SHARING: Sharing = {
  helpers: HELPERS,
  largeBytes: LARGE_BYTES,
  blockBytes: BLOCK_BYTES,
  isPatient: false,
};

/**
 * Reads and cleans a body, and gives its parts to `cleaned` in their order. A large one is shared among threads, with
 * the same result, byte for byte.
 *
 * @returns what the first records look like; `undefined` for a body without any
 * @throws what the body throws, the signal's reason, or what ended a thread
 */
export async function cleanBody(
  { body, size }: { body: AsyncIterable<Uint8Array>; size: number },
  options: BodyOptions,
  cleaned: CleanedObject,
  sharing: Partial<Sharing> = {},
): Promise<SampledSchema | undefined> {
  const { helpers, largeBytes, ...rest } = { ...SHARING, ...sharing };
  const isGzip = options.key.endsWith(".gz");
  const isLarge = size >= Math.min(largeBytes, isGzip ? LARGE_GZIP_BYTES : Number.POSITIVE_INFINITY);
  const shared = isLarge && helpers.size > 0 ? { helpers, ...rest } : undefined;
  if (shared) helpers.acquire();
  try {
    return await read(body, options, cleaned, shared);
  } finally {
    if (shared) helpers.release();
  }
}

async function read(
  body: AsyncIterable<Uint8Array>,
  { key, dataset, context, signal }: BodyOptions,
  cleaned: CleanedObject,
  shared: Omit<Sharing, "largeBytes"> | undefined,
): Promise<SampledSchema | undefined> {
  const identitySeed = Math.floor(Math.random() * 2 ** 32);
  const out = new PartWriter(identitySeed);
  const options = { name: splitKey(key).base, knownFields: DATASETS[dataset].bronzeFields };
  const sample = new ValueSample(options.knownFields);
  const content = new ContentReader(options, true, new RecordCleaner(dataset, context, out, sample));
  const flush = (): void => {
    if (out.isEmpty) return;
    cleaned.add(out.part(), content.unit, 0);
    out.clear();
  };
  const readHere = (bytes: Uint8Array): void => {
    content.push(bytes);
    flush();
  };
  const queueOf = ({ helpers, blockBytes }: Omit<Sharing, "largeBytes">): BlockQueue | undefined => {
    const continuation = helpers.isReady ? content.continuation : undefined;
    if (!continuation) return undefined;
    // From here on it depends on the helpers which records come by here.
    sample.isOpen = false;
    const rules = context.options;
    const maxRecordBytes = maxRecordBytesOf(options);
    const job = { id: nextJob++, dataset, continuation, maxRecordBytes, rules, identitySeed };
    const take = (part: CleanedPart, base: number): void => cleaned.add(part, content.unit, base);
    return new BlockQueue({ helpers, content, job, blockBytes, take, readHere });
  };
  if (shared?.isPatient) await shared.helpers.start();
  const gzip: GzipReport = {};
  const pieceBytes = Math.min(PIECE_BYTES, shared?.blockBytes ?? PIECE_BYTES);
  let queue: BlockQueue | undefined;
  for await (const chunk of inflated(body, gzip)) {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      signal?.throwIfAborted();
      const piece = chunk.subarray(at, at + pieceBytes);
      queue ??= shared && queueOf(shared);
      if (queue) await queue.push(piece);
      else readHere(piece);
    }
    if (content.unreadable) return schemaOf(content, sample);
  }
  await queue?.finish();
  content.finish(gzip.damage, () => cleaned.read === 0 && out.isEmpty);
  flush();
  const isEmpty = cleaned.read === 0 && !content.shape?.hasHeader;
  return isEmpty ? undefined : schemaOf(content, sample);
}

function schemaOf({ shape }: ContentReader, sample: ValueSample): SampledSchema | undefined {
  if (!shape) return undefined;
  const names = new Map(shape.names);
  for (const [name, records] of sample.names) names.set(name, (names.get(name) ?? 0) + records);
  return { ...shape, ...sample.values(!shape.hasHeader), names };
}

/** Tells the objects of this process apart. */
let nextJob = 1;
