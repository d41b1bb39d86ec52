import { type Lake, splitKey } from "@ingot/common";
import { csvLine, type RawRecord, readRecords } from "@ingot/engine";
import {
  type CleanCounts,
  countsToMetadata,
  type Dataset,
  quarantineKey,
  RULES,
  type RuleContext,
  silverKey,
} from "@ingot/pipelines";
import { type BitSet, LatestOfEach } from "./latest-of-each.ts";
import { Spool } from "./spool.ts";

const SPOOL_MEMORY_BYTES = 16 * 1024 * 1024;
const WRITE_BYTES = 256 * 1024;

export interface CleanTask {
  key: string;
  dataset: Dataset;
  /** Write over an earlier silver object, whose bronze object was another one. */
  replace: boolean;
}

/**
 * Cleans one bronze object into its silver object, with what had to be rejected in quarantine. The silver object is
 * written last and whole: where it exists, everything has been done. Killed or run twice at once, the result is
 * the same.
 *
 * @param signal gives the object up where it stands
 * @throws IngotError of the storage, or the signal's reason; nothing is committed then
 */
export async function cleanObject(
  lake: Pick<Lake, "bronze" | "silver" | "quarantine">,
  { key, dataset, replace }: CleanTask,
  context: RuleContext,
  signal?: AbortSignal,
): Promise<CleanCounts> {
  const source = await lake.bronze.read(key);
  const sorted = new SortedRecords(dataset, key, context);
  try {
    const options = { name: splitKey(key).base, knownFields: dataset.bronzeFields };
    for await (const batch of readRecords(source.body, options)) {
      signal?.throwIfAborted();
      for (const record of batch) sorted.add(record);
    }
    const { counts, rows, rejections } = sorted.finish();
    if (counts.rejected > 0) {
      await lake.quarantine.write(quarantineKey(key), rejections, { contentType: "application/x-ndjson" });
    } else if (replace) await lake.quarantine.delete(quarantineKey(key));
    await lake.silver.write(silverKey(dataset, key), rows, {
      ifAbsent: !replace,
      metadata: { ...countsToMetadata(counts), source_key: key, source_etag: source.etag },
      contentType: "text/csv; charset=utf-8",
    });
    return counts;
  } finally {
    sorted.close();
  }
}

/** Collects an object's records, sorted into rows to keep and rejections. */
class SortedRecords {
  readonly #dataset: Dataset;
  readonly #key: string;
  readonly #context: RuleContext;
  readonly #rows = new Spool(SPOOL_MEMORY_BYTES);
  readonly #rejections = new Spool(SPOOL_MEMORY_BYTES);
  readonly #latest = new LatestOfEach();
  readonly #reasons: Record<string, number> = {};

  constructor(dataset: Dataset, key: string, context: RuleContext) {
    this.#dataset = dataset;
    this.#key = key;
    this.#context = context;
  }

  add(record: RawRecord): void {
    if ("problem" in record) {
      this.#reject(record, record.problem.reason, record.problem.detail);
      return;
    }
    const outcome = RULES[this.#dataset.name](record.fields, this.#context);
    if ("reason" in outcome) {
      this.#reject(record, outcome.reason);
      return;
    }
    const index = this.#rows.add(csvLine(outcome.values));
    if (outcome.identity !== undefined) this.#latest.add(outcome.identity, outcome.version, index);
  }

  finish(): { counts: CleanCounts; rows: ObjectBody; rejections: ObjectBody } {
    const losers = this.#latest.losers();
    const rejected = this.#rejections.count;
    const counts = {
      read: this.#rows.count + rejected,
      kept: this.#rows.count - losers.size,
      rejected,
      duplicates: losers.size,
      reasons: this.#reasons,
    };
    const header = csvLine(this.#dataset.silverColumns);
    return { counts, rows: bodyOf(header, this.#rows, losers), rejections: bodyOf("", this.#rejections) };
  }

  close(): void {
    this.#rows.close();
    this.#rejections.close();
    this.#latest.close();
  }

  /** One line of quarantine: where the record stands, why it is there, and its raw text. */
  #reject(record: RawRecord, reason: string, detail?: string): void {
    this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
    const { place, raw } = record;
    const line = {
      source_key: this.#key,
      ...place,
      reason,
      ...(detail === undefined ? {} : { detail }),
      raw,
    };
    const extra =
      "problem" in record
        ? {
            ...(record.rawBase64 === undefined ? {} : { raw_base64: record.rawBase64 }),
            ...(record.rawTruncated ? { raw_truncated: true } : {}),
          }
        : {};
    this.#rejections.add(`${JSON.stringify({ ...line, ...extra })}\n`);
  }
}

type ObjectBody = Uint8Array | AsyncIterable<Uint8Array>;

/** A spool as an object's body, in pieces that are worth a write: one buffer where it is small. */
function bodyOf(header: string, spool: Spool, without?: BitSet): ObjectBody {
  const pieces = piecesOf(header, spool, without);
  const first = pieces.next();
  const second = pieces.next();
  if (second.done) return first.value ?? Buffer.alloc(0);
  return (async function* () {
    if (first.value) yield first.value;
    yield second.value;
    yield* pieces;
  })();
}

function* piecesOf(header: string, spool: Spool, without: BitSet | undefined): Generator<Buffer, undefined> {
  let piece: Buffer[] = [Buffer.from(header)];
  let bytes = piece[0]!.length;
  let index = 0;
  for (const batch of spool.batches()) {
    for (const text of batch) {
      if (!without?.has(index)) {
        piece.push(text);
        bytes += text.length;
      }
      index += 1;
      if (bytes >= WRITE_BYTES) {
        yield Buffer.concat(piece);
        piece = [];
        bytes = 0;
      }
    }
  }
  if (bytes > 0) yield Buffer.concat(piece);
}
