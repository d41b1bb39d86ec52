import type { UnreadableRecord } from "../raw-record.ts";
import type { Cells } from "../records/cells.ts";
import { ContentReader } from "../records/content-reader.ts";
import { type GzipReport, inflated } from "../records/inflate.ts";
import { type PlacedSource, placeAt, type RecordSink } from "../records/record-sink.ts";
import { FieldNames } from "./field-names.ts";
import { fromHeader } from "./from-header.ts";
import { sourceInvalid } from "./source-invalid.ts";
import type { SourceField, SourcePiece } from "./source-record.ts";
import { utf8Text } from "./utf8-text.ts";

/** A chunk is read in such pieces, so that a batch has a bounded number of records. */
const PIECE_BYTES = 256 * 1024;

/** After so many pieces of JSON it is decided whether its records have the required fields. */
const TELLING_PIECES = 1000;

const UNUSABLE_TEXT = { reason: "invalid_text", detail: "a text with a NUL or half a character" };

export interface SourceFile {
  /** Its base name. */
  name: string;
  fields: readonly SourceField[];
}

/**
 * Reads a file of a source, record by record, in batches that are in the order of the file and never empty: CSV with
 * commas, semicolons, tabs or bars, a JSON array or JSON Lines, recognised by the content; also with gzip, in UTF-8, in
 * Windows-1252 or Latin-1, in UTF-16 with a byte order mark. Names are compared by `foldName`. Blank lines are no records,
 * nor are titles above a CSV header; a file without any text has none.
 *
 * What is no record becomes a problem with a reason, and costs none of its neighbours. Memory is bounded, and the result
 * does not depend on how `body` is cut in chunks.
 *
 * @throws IngotError `source_invalid` for a file that cannot be read or whose header, or first 1000 pieces of JSON, lack a
 *   required field, before any piece is given; what `body` throws, unchanged
 */
export async function* readRecordPieces(
  body: AsyncIterable<Uint8Array>,
  file: SourceFile,
): AsyncGenerator<SourcePiece[], void, undefined> {
  const names = new FieldNames(file.fields);
  const reader = new PieceReader(file, names);
  const gzip: GzipReport = {};
  for await (const chunk of fromHeader(utf8Text(inflated(body, gzip)), names)) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      const pieces = reader.push(chunk.subarray(at, at + PIECE_BYTES));
      if (pieces.length > 0) yield pieces;
    }
  }
  const pieces = reader.finish(gzip.damage);
  if (pieces.length > 0) yield pieces;
}

class PieceReader implements RecordSink {
  readonly #file: SourceFile;
  readonly #names: FieldNames;
  readonly #content: ContentReader;
  #pieces: SourcePiece[] = [];
  /** True once the file is known to have all that it needs. */
  #isChecked = false;
  #records = 0;
  /** The names in records that were read in full, as long as that matters. */
  readonly #seen = new Set<string>();

  constructor(file: SourceFile, names: FieldNames) {
    this.#file = file;
    this.#names = names;
    const knownFields = file.fields.map(({ name }) => name);
    const options = { name: file.name, knownFields, matcher: this.#names, truthAsText: true };
    this.#content = new ContentReader(options, true, this);
  }

  push(chunk: Uint8Array): SourcePiece[] {
    this.#content.push(chunk);
    return this.#taken(false);
  }

  finish(damage: string | undefined): SourcePiece[] {
    this.#content.finish(damage, () => this.#records === 0 && this.#pieces.length === 0);
    return this.#taken(true);
  }

  values(cells: Cells, position: number, source: PlacedSource): void {
    const { bytes, starts, ends } = cells;
    const { raw, givenStart, givenEnd } = source;
    // As many characters as bytes: what is ASCII need not be decoded again for each value.
    const isAscii = raw.length === givenEnd - givenStart;
    const values: (string | undefined)[] = [];
    for (let field = 0; field < starts.length; field++) {
      const start = starts[field]!;
      const end = ends[field]!;
      if (start === end) values.push(undefined);
      else if (isAscii) values.push(raw.slice(start - givenStart, end - givenStart));
      else values.push(bytes.toString("utf8", start, end));
    }
    this.#records += 1;
    this.#pieces.push({ place: placeAt(this.#content.unit, position), raw, record: { values } });
  }

  record(fields: Readonly<Record<string, unknown>>, place: SourcePiece["place"], raw: string): void {
    const names = Object.keys(fields);
    if (!this.#isChecked) for (const name of names) this.#seen.add(name);
    const values = this.#names
      .positionsIn(names)
      .map((position) => (position === undefined ? undefined : textOf(fields[names[position]!])));
    this.#records += 1;
    if (values.every(isStorable)) this.#pieces.push({ place, raw, record: { values } });
    else this.#pieces.push({ place, raw, problem: UNUSABLE_TEXT });
  }

  reject(record: UnreadableRecord): void {
    if (record.problem.reason === "unreadable") throw sourceInvalid(this.#file.name, record.problem.detail);
    this.#pieces.push(record);
  }

  #taken(isEnd: boolean): SourcePiece[] {
    if (!this.#isChecked && !this.#check(isEnd)) return [];
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  /** False as long as too little is read to say. @throws IngotError for a file without a required field */
  #check(isEnd: boolean): boolean {
    const { form } = this.#content;
    if (form === undefined) return false;
    const isCsv = form.format.kind === "csv";
    if (isCsv && form.header === undefined) return false;
    if (!isCsv && this.#pieces.length < TELLING_PIECES && !isEnd) return false;
    const names = isCsv ? form.header! : [...(this.#content.shape?.names.keys() ?? []), ...this.#seen];
    const missing = this.#names.missingIn(names);
    if (missing.length > 0 && (isCsv || this.#records > 0))
      throw sourceInvalid(this.#file.name, { missing, names });
    this.#isChecked = true;
    this.#seen.clear();
    return true;
  }
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** False for what no UTF-8 file and no database keeps. */
const isStorable = (text: string | undefined): boolean =>
  text === undefined || (text.isWellFormed() && !text.includes("\0"));
