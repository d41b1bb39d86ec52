import { isUtf8 } from "node:buffer";
import type { Format } from "./detect-format.ts";

/** How a content is written, and which fields it has. */
export interface ContentShape {
  /** In words: `JSON array`, `CSV with semicolons, not UTF-8`; for an unreadable one what it seems to be. */
  format: string;
  isReadable: boolean;
  /** True where names stand once for all records. */
  hasHeader: boolean;
  /**
   * The names of its fields, in their order, with the number of records that have them (1 in a header). Of JSON, those of
   * records that had to be read in full are missing.
   */
  names: ReadonlyMap<string, number>;
}

const DELIMITERS: Readonly<Record<string, string>> = {
  ",": "commas",
  ";": "semicolons",
  "\t": "tabs",
  "|": "bars",
};

/** A format in words. @param head the content's beginning */
export function formatText(format: Format, head: Buffer): string {
  // What follows a semicolon says how to mend it.
  if (format.kind === "unreadable") return format.detail.split(";")[0]!;
  return `${nameOf(format)}${isOtherEncoding(head) ? ", not UTF-8" : ""}`;
}

function nameOf(format: Exclude<Format, { kind: "unreadable" }>): string {
  if (format.kind === "csv") return `CSV with ${DELIMITERS[format.delimiter]}`;
  if (format.kind === "json-array") return "JSON array";
  return format.kind === "json-lines" ? "JSON Lines" : "JSON values";
}

/** So many broken characters are no accident any more. */
const BROKEN_CHARACTERS = 3;

/** True for text with characters beyond ASCII in another encoding, Latin-1 mostly; a damaged byte makes none. */
function isOtherEncoding(head: Buffer): boolean {
  if (isUtf8(head)) return false;
  const text = head.toString("utf8");
  const broken = text.match(/\uFFFD/g)?.length ?? 0;
  const whole = text.match(/[\u0080-\uFFFC]/g)?.length ?? 0;
  return broken >= BROKEN_CHARACTERS && broken > whole;
}
