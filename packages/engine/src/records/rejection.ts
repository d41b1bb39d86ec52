import { isUtf8 } from "node:buffer";
import type { ReadReason, RecordPlace, UnreadableRecord } from "../raw-record.ts";
import { EXCERPT_BYTES, wholeCharacters } from "./text.ts";

export interface Problem {
  reason: ReadReason;
  detail: string;
}

/**
 * A piece of a file that is no record, with its bytes as they are. A piece that is not UTF-8 has the reason
 * `invalid_utf8`, whatever else is wrong with it, because only its base64 shows what stood there.
 *
 * @param cut true where only the beginning of the piece is to be kept: its first 64 KiB
 */
export function rejection(
  bytes: Buffer,
  place: RecordPlace,
  problem: Problem,
  cut = false,
): UnreadableRecord {
  const kept = cut ? bytes.subarray(0, wholeCharacters(bytes, Math.min(bytes.length, EXCERPT_BYTES))) : bytes;
  const record: UnreadableRecord = { raw: kept.toString("utf8"), place, problem };
  if (cut) record.rawTruncated = true;
  if (isUtf8(kept)) return record;
  record.rawBase64 = kept.toString("base64");
  if (!cut)
    record.problem = { reason: "invalid_utf8", detail: `bytes that are not UTF-8; ${problem.detail}` };
  return record;
}

export const INVALID_UTF8: Problem = { reason: "invalid_utf8", detail: "save the file as UTF-8" };

/** What `JSON.parse` says, without the excerpt of the text that it may carry: details go to logs, data must not. */
export function jsonProblem(error: unknown): Problem {
  const message = error instanceof Error ? error.message : String(error);
  const detail = message.replace(/,? (?:\.\.\.)?".*$/s, "").replace(/ in JSON| \(line.*$/g, "");
  return { reason: "invalid_json", detail };
}

/** A value that `bytes[at]` cannot be a part of. */
export function unexpectedByte(bytes: Uint8Array, start: number, at: number): Problem {
  const byte = bytes[at]!;
  const shown =
    byte > 0x20 && byte < 0x7f
      ? `'${String.fromCharCode(byte)}'`
      : `byte 0x${byte.toString(16).padStart(2, "0")}`;
  return { reason: "invalid_json", detail: `Unexpected ${shown} at position ${at - start}` };
}

export const CUT_OFF: Problem = {
  reason: "invalid_json",
  detail: "Cut off: the end of the value is missing",
};

export const STRAY_TEXT: Problem = { reason: "invalid_json", detail: "Text that is no JSON value" };

export function tooLarge(maxRecordBytes: number): Problem {
  return {
    reason: "record_too_large",
    detail: `longer than ${maxRecordBytes} bytes; only its beginning is kept`,
  };
}

export function notAnObject(value: unknown): Problem {
  const kind = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
  return { reason: "not_an_object", detail: `${kind}, where an object with fields is expected` };
}
