import { IngotError } from "@ingot/common";
import { inflated, readCsv, valuesOf } from "@ingot/engine";
import type { PreviewedContent } from "./preview.ts";
import { previewedRows, ROWS_SHOWN } from "./previewed-rows.ts";

/** No file of Ingot has a longer header. */
const HEADER_BYTES = 64 * 1024;
const LF = 0x0a;

/** The first rows of CSV as Ingot writes it, compressed or not; `undefined` for anything else. */
export async function previewCsv(body: AsyncIterable<Uint8Array>): Promise<PreviewedContent | undefined> {
  const chunks = inflated(body, {});
  try {
    const head = await untilLineEnd(chunks);
    const end = head.indexOf(LF);
    if (end === -1) return undefined;
    const columns = valuesOf(head.toString("utf8", 0, end), ",");
    const rows: string[][] = [];
    for await (const batch of readCsv(together(head, chunks), columns)) {
      rows.push(...batch.slice(0, ROWS_SHOWN + 1));
      if (rows.length > ROWS_SHOWN) break;
    }
    return previewedRows(columns, rows);
  } catch (error) {
    if (error instanceof IngotError && error.code === "silver_invalid") return undefined;
    throw error;
  } finally {
    await chunks.return();
  }
}

async function untilLineEnd(chunks: AsyncGenerator<Uint8Array>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (!head.includes(LF) && head.length < HEADER_BYTES) {
    const { value, done } = await chunks.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  return head;
}

async function* together(head: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  yield* rest;
}
