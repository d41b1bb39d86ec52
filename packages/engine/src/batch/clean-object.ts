import { IngotError, type ObjectStore, quarantineKeyOf, splitKey } from "@ingot/common";
import type { RecordPlace } from "../raw-record.ts";
import type { InputObject } from "./inputs.ts";
import type { LineFile } from "./line-file.ts";
import { openPieces } from "./open-pieces.ts";
import { WHOLE } from "./places.ts";
import type { RowFile } from "./row-file.ts";
import type { Rule, SourcePiece } from "./source-record.ts";
import type { ObjectState } from "./table-state.ts";

export interface CleanTarget {
  /** Where rows go. */
  rows: RowFile;
  /** The object's number there. */
  number: number;
  /** Where lines of quarantine go; nowhere where it is absent. */
  rejections?: LineFile;
  /** Only rows of these parts are written; of all where it is absent. */
  parts?: ReadonlySet<string> | undefined;
}

export interface CleanedSource {
  etag: string;
  /** Rows by part. */
  parts: Record<string, number>;
  records: ObjectState["records"];
  /** Why the file as a whole is none of this source, where it is not. */
  invalid?: IngotError;
}

/**
 * Cleans an object: each record by the rule, rows and rejections into files. A file that cannot be of this source is one
 * rejection.
 *
 * @throws IngotError of the storage
 */
export async function cleanObject(
  bronze: ObjectStore,
  { key, table }: InputObject,
  rule: Rule,
  { rows, number, rejections, parts: wanted }: CleanTarget,
  signal: AbortSignal,
): Promise<CleanedSource> {
  const dayAt = table.day === undefined ? -1 : Object.keys(table.columns).indexOf(table.day);
  const parts: Record<string, number> = {};
  const records = { read: 0, kept: 0, rejected: 0, dropped: 0, reasons: {} as Record<string, number> };
  const reject = (piece: SourcePiece, reason: string): void => {
    records.rejected += 1;
    records.reasons[reason] = (records.reasons[reason] ?? 0) + 1;
    rejections?.add(rejectionLine(key, piece, reason));
  };
  const take = (piece: SourcePiece): void => {
    records.read += 1;
    if ("problem" in piece) {
      reject(piece, piece.problem.reason);
      return;
    }
    const outcome = rule(piece.record);
    if (outcome === undefined) records.dropped += 1;
    else if (typeof outcome === "string") reject(piece, outcome);
    else {
      records.kept += 1;
      const part = dayAt < 0 ? WHOLE : outcome[dayAt]!;
      parts[part] = (parts[part] ?? 0) + 1;
      if (wanted === undefined || wanted.has(part)) rows.add(outcome, number, positionOf(piece.place));
    }
  };
  const { etag, size, body } = await bronze.read(key);
  const cleaned = { etag, parts, records };
  try {
    const pieces = await openPieces(body, { name: splitKey(key).base, fields: table.fields }, size);
    for await (const batch of pieces) {
      signal.throwIfAborted();
      for (const piece of batch) take(piece);
      await rows.drained();
      await rejections?.drained();
    }
    return cleaned;
  } catch (error) {
    if (!(error instanceof IngotError) || error.code !== "source_invalid") throw error;
    const problem = { reason: error.code, detail: error.message };
    take({ place: { line: 1 }, raw: "", problem });
    return { ...cleaned, invalid: error };
  }
}

const positionOf = (place: RecordPlace): number => ("line" in place ? place.line : place.index);

/** A line of quarantine, as e-commerce has it: where the record stands, why it is there, and its raw text. */
function rejectionLine(key: string, piece: SourcePiece, reason: string): string {
  const detail = "problem" in piece ? piece.problem.detail : undefined;
  const { rawBase64: raw_base64, rawTruncated: raw_truncated } = "problem" in piece ? piece : {};
  const line = { source_key: key, ...piece.place, reason, detail, raw: piece.raw, raw_base64, raw_truncated };
  return `${JSON.stringify(line)}\n`;
}

/**
 * Says in quarantine what of an object was rejected; nothing where nothing was.
 *
 * @param isKnownClean true where nothing of it can lie there
 */
export async function quarantine(
  store: ObjectStore,
  key: string,
  rejections: LineFile,
  isKnownClean: boolean,
): Promise<void> {
  if (rejections.lines > 0) {
    await store.write(quarantineKeyOf(key), rejections.read(), { contentType: "application/x-ndjson" });
  } else if (!isKnownClean) await store.delete(quarantineKeyOf(key));
}
