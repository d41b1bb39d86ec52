import { isAscii, isUtf8 } from "node:buffer";

/** How much of a piece that is too long is kept, in bytes. */
export const EXCERPT_BYTES = 64 * 1024;

/** What is known about a region of bytes, so that its records need not be checked one by one. */
export type Charset = "ascii" | "utf8" | "mixed";

/**
 * Checks a region once.
 *
 * @param final false where more follows: then a character that the region's end cuts off belongs to a later record
 */
export function charsetOf(region: Buffer, final: boolean): Charset {
  if (isAscii(region)) return "ascii";
  const end = final ? region.length : wholeCharacters(region, region.length);
  return isUtf8(region.subarray(0, end)) ? "utf8" : "mixed";
}

/** Decodes `[start, end)` of a region, or answers `undefined` where these bytes are not UTF-8. */
export function decode(region: Buffer, start: number, end: number, charset: Charset): string | undefined {
  if (charset === "ascii") return region.toString("latin1", start, end);
  if (charset === "mixed" && !isUtf8(region.subarray(start, end))) return undefined;
  return region.toString("utf8", start, end);
}

/** The end of the last whole character in the first `end` bytes: `end`, or up to three bytes less. */
export function wholeCharacters(bytes: Uint8Array, end: number): number {
  for (let back = 1; back <= 3 && back <= end; back++) {
    const byte = bytes[end - back]!;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? end - back : end;
    }
    if (byte < 0x80) return end;
  }
  return end;
}
