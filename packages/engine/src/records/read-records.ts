import type { RawRecord } from "../raw-record.ts";
import { ContentReader, type ReadOptions } from "./content-reader.ts";
import { type GzipReport, inflated } from "./inflate.ts";
import { RecordList } from "./record-sink.ts";

/** A chunk is read in such pieces, so that a batch has a bounded number of records. */
const PIECE_BYTES = 256 * 1024;

/**
 * Reads any input object (contract: e-commerce, sections 1 and 3), record by record, in batches that are in the order
 * of the file and never empty. CSV, a JSON array, JSON values one after the other and JSON Lines are recognised by
 * their content, each also with gzip.
 *
 * What is no record becomes a problem with a reason, and costs none of its neighbours. A content that is no known
 * format gives exactly one record, with the reason `unreadable`; an empty one gives none. Memory is bounded by a few
 * times `maxRecordBytes`, whatever the size of the object. The result does not depend on how `body` is cut in chunks.
 *
 * @throws what `body` throws, unchanged
 */
export async function* readRecords(
  body: AsyncIterable<Uint8Array>,
  options: ReadOptions,
): AsyncGenerator<RawRecord[], void, undefined> {
  const gzip: GzipReport = {};
  const list = new RecordList();
  const content = new ContentReader(options, false, list);
  let isEmpty = true;
  const taken = (): RawRecord[] => {
    const { records } = list;
    list.records = [];
    isEmpty &&= records.length === 0;
    return records;
  };
  for await (const chunk of inflated(body, gzip)) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      content.push(chunk.subarray(at, at + PIECE_BYTES));
      const records = taken();
      if (records.length > 0) yield records;
      if (content.unreadable) return;
    }
  }
  content.finish(gzip.damage, () => isEmpty && list.records.length === 0);
  const records = taken();
  if (records.length > 0) yield records;
}
