import { csvLine } from "@ingot/engine";
import type { CleanCounts, Dataset, PlacedSample, RejectSamples } from "@ingot/pipelines";
import type { CleanedPart, PartSample } from "./cleaned-part.ts";
import type { Helpers } from "./helpers.ts";
import { type BitSet, LatestOfEach } from "./latest-of-each.ts";
import { Spool } from "./spool.ts";

const SPOOL_MEMORY_BYTES = 8 * 1024 * 1024;
const WRITE_BYTES = 256 * 1024;

export type ObjectBody = Uint8Array | AsyncIterable<Uint8Array>;

/** Puts an object's parts together, in the order of the file: rows to keep, and rejections. */
export class CleanedObject {
  readonly #dataset: Dataset;
  readonly #rejectionStart: Buffer;
  /** For each part its rows, then where each of them ends. */
  readonly #rows = new Spool(SPOOL_MEMORY_BYTES);
  readonly #rejections = new Spool(SPOOL_MEMORY_BYTES);
  readonly #latest = new LatestOfEach();
  readonly #reasons: Record<string, number> = {};
  readonly #samples: Record<string, PlacedSample> = {};
  #rowCount = 0;
  #rejected = 0;

  constructor(dataset: Dataset, key: string) {
    this.#dataset = dataset;
    this.#rejectionStart = Buffer.from(JSON.stringify({ source_key: key }).slice(0, -1));
  }

  /** How many records there are so far. */
  get read(): number {
    return this.#rowCount + this.#rejected;
  }

  /**
   * @param unit what the positions of rejected records are
   * @param base what to add to them
   */
  add(part: CleanedPart, unit: "line" | "index", base: number): void {
    if (part.rowCount > 0) {
      this.#rows.add(part.rows);
      this.#rows.add(bytesOf(part.rowEnds));
      this.#latest.add({ bytes: part.identities, ends: part.identityEnds }, this.#rowCount);
      this.#rowCount += part.rowCount;
    }
    if (part.rejectedAt.length > 0) this.#addRejections(part, unit, base);
  }

  /**
   * Ends the collecting.
   *
   * @param helpers compare the rows of a large object
   * @returns what remains, to be read before `close`
   */
  async finish(
    helpers?: Helpers,
  ): Promise<{ counts: CleanCounts; samples: RejectSamples; rows: ObjectBody; rejections: ObjectBody }> {
    const compare = helpers && helpers.size > 0 ? helpers.compare.bind(helpers) : undefined;
    const losers = await this.#latest.losers(compare, helpers?.tasksAtOnce);
    const counts = {
      read: this.read,
      kept: this.#rowCount - losers.size,
      rejected: this.#rejected,
      duplicates: losers.size,
      reasons: this.#reasons,
    };
    const header = csvLine(this.#dataset.silverColumns);
    return {
      counts,
      samples: this.#samples,
      rows: bodyOf(rowsWithout(losers, header, this.#rows)),
      rejections: bodyOf(this.#rejections.texts()),
    };
  }

  close(): void {
    this.#rows.close();
    this.#rejections.close();
    this.#latest.close();
  }

  /** Lines of quarantine: where the record stands, why it is there, and its raw text. */
  #addRejections(part: CleanedPart, unit: "line" | "index", base: number): void {
    const { rejections, rejectionEnds, rejectedAt } = part;
    const middle = `,"${unit}":`;
    const most = rejections.length + rejectedAt.length * (this.#rejectionStart.length + middle.length + 20);
    const lines = Buffer.allocUnsafe(most);
    let length = 0;
    for (let at = 0, start = 0; at < rejectedAt.length; at += 1) {
      const end = rejectionEnds[at]!;
      length += this.#rejectionStart.copy(lines, length);
      length += lines.write(`${middle}${base + rejectedAt[at]!}`, length, "latin1");
      length += rejections.copy(lines, length, start, end);
      start = end;
    }
    this.#rejections.add(lines.subarray(0, length));
    this.#rejected += rejectedAt.length;
    for (const [reason, records] of Object.entries(part.reasons)) {
      this.#reasons[reason] = (this.#reasons[reason] ?? 0) + records;
    }
    for (const reason in part.samples) this.#samples[reason] ??= placed(part.samples[reason]!, unit, base);
  }
}

function placed({ position, field, value }: PartSample, unit: "line" | "index", base: number): PlacedSample {
  const at = base + position;
  return { place: unit === "line" ? { line: at } : { index: at }, field, value };
}

/** The rows of all parts, but for those that do not stay. */
function* rowsWithout(losers: BitSet, header: string, spool: Spool): Generator<Buffer> {
  yield Buffer.from(header);
  let first = 0;
  let rows: Buffer | undefined;
  for (const text of spool.texts()) {
    if (rows === undefined) {
      rows = text;
      continue;
    }
    const count = text.length / Uint32Array.BYTES_PER_ELEMENT;
    yield losers.size === 0 ? rows : withoutRows(rows, text, first, losers);
    first += count;
    rows = undefined;
  }
}

/** Moves the rows of a part that stay together, in their memory. @param ends where each row ends, as 32-bit numbers */
function withoutRows(rows: Buffer, ends: Buffer, first: number, losers: BitSet): Buffer {
  let kept = 0;
  let start = 0;
  let end = 0;
  const keep = (): void => {
    if (kept !== start) rows.copyWithin(kept, start, end);
    kept += end - start;
  };
  for (let at = 0, row = first; at < ends.length; at += Uint32Array.BYTES_PER_ELEMENT, row += 1) {
    const next = ends.readUInt32LE(at);
    if (losers.has(row)) {
      keep();
      start = next;
    }
    end = next;
  }
  keep();
  return rows.subarray(0, kept);
}

/** Buffers as an object's body, in pieces that are worth a write: one buffer where it is small. */
function bodyOf(buffers: Iterable<Buffer>): ObjectBody {
  const pieces = piecesOf(buffers);
  const first = pieces.next();
  const second = pieces.next();
  if (second.done) return first.value ?? Buffer.alloc(0);
  return (async function* () {
    if (first.value) yield first.value;
    yield second.value;
    yield* pieces;
  })();
}

function* piecesOf(buffers: Iterable<Buffer>): Generator<Buffer, undefined> {
  let piece: Buffer[] = [];
  let bytes = 0;
  for (const buffer of buffers) {
    piece.push(buffer);
    bytes += buffer.length;
    if (bytes < WRITE_BYTES) continue;
    yield joined(piece);
    piece = [];
    bytes = 0;
  }
  if (bytes > 0) yield joined(piece);
}

const joined = (buffers: Buffer[]): Buffer => (buffers.length === 1 ? buffers[0]! : Buffer.concat(buffers));

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
