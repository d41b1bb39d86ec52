import { IngotError } from "@ingot/common";
import { readRecordPieces, type SourceFile } from "./read-record-pieces.ts";
import type { SourcePiece } from "./source-record.ts";

/** A workbook is read as a whole. */
const MOST_WORKBOOK_BYTES = 256 * 1024 * 1024;
const ZIP = Buffer.from("PK\x03\x04", "latin1");

/** Batches of a file's pieces, in order. */
export type Pieces = AsyncIterable<SourcePiece[]> | Iterable<SourcePiece[]>;

/**
 * Reads a file of a source, whatever its format, which its content tells.
 *
 * @param size bytes of the whole file
 * @throws IngotError `source_invalid` for a file that cannot be of this source, here or while its pieces are read; what
 *   `body` throws
 */
export async function openPieces(
  body: AsyncIterable<Uint8Array>,
  file: SourceFile,
  size: number,
): Promise<Pieces> {
  const chunks = body[Symbol.asyncIterator]();
  const first = await chunks.next();
  const whole = (async function* () {
    try {
      for (let next = first; !next.done; next = await chunks.next()) yield next.value;
    } finally {
      await chunks.return?.();
    }
  })();
  const isZip = !first.done && Buffer.from(first.value).subarray(0, ZIP.length).equals(ZIP);
  if (!isZip) return readRecordPieces(whole, file);
  if (size > MOST_WORKBOOK_BYTES) {
    await chunks.return?.();
    const text = `${file.name} has ${size} bytes; a workbook may have ${MOST_WORKBOOK_BYTES} at most. Save it as CSV.`;
    throw new IngotError("source_invalid", text);
  }
  const bytes: Uint8Array[] = await Array.fromAsync(whole);
  // Loaded here only: most files are no workbooks.
  const { readWorkbookPieces } = await import("./read-workbook-pieces.ts");
  return [await readWorkbookPieces(Buffer.concat(bytes), file)];
}
