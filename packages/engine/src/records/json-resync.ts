import { CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, CR, isBlank, LF, OPEN_BRACE, QUOTE } from "./bytes.ts";
import { JsonScanner } from "./json-scanner.ts";

/** The longest first key that is used to recognise an element's siblings, in bytes. */
const MAX_SIGNATURE = 128;

/** A resynchronisation scans at most so many times the greatest record. */
const BUDGET_FACTOR = 8;

/** Where elements go on after a broken one. `none`: not in the region. `undecided`: more bytes are needed to know. */
export type Resync = { found: number } | "none" | "undecided";

export interface ResyncRegion {
  bytes: Buffer;
  /** Where the broken piece begins. */
  start: number;
  /** Candidates lie before this position. */
  end: number;
  /** True where nothing follows `bytes`. */
  final: boolean;
  maxRecordBytes: number;
  /** The byte before `start` that is not blank, and whether a line ends between them. */
  before: { byte: number | undefined; newLine: boolean };
  /** How the broken element begins: an object that begins alike is an element as well, whatever stands before it. */
  signature: Buffer | undefined;
  /** A position that is a candidate whatever stands before it. */
  accept: number | undefined;
}

const scanner = new JsonScanner();

/**
 * Looks for the next whole object that can be an element. Candidates are braces after `,`, a brace or a line end, but
 * not after a colon, where a nested object begins, and objects that begin as the broken one does, whatever stands
 * before them. From a candidate an object closes and parses.
 */
export function resynchronise(region: ResyncRegion): Resync {
  const { bytes, final, maxRecordBytes } = region;
  const end = Math.min(region.end, bytes.length);
  const undecided = !final && region.end > bytes.length;
  let budget = BUDGET_FACTOR * maxRecordBytes;
  let at = region.start - 1;
  for (;;) {
    at = bytes.indexOf(OPEN_BRACE, at + 1);
    if (at === -1 || at >= end || budget < 0) return undecided ? "undecided" : "none";
    if (region.signature && !final && at + region.signature.length > bytes.length) return "undecided";
    if (!isCandidate(region, at)) continue;
    const limit = Math.min(bytes.length, at + maxRecordBytes);
    scanner.reset();
    const outcome = scanner.run(bytes, at, limit);
    budget -= scanner.at - at;
    if (outcome === "closed" && parses(bytes, at, scanner.at)) {
      if (byteBefore(region, at).byte !== COLON) return { found: at };
      const follows = followsAsElement(bytes, scanner.at);
      if (follows === undefined && !final) return "undecided";
      if (follows ?? true) return { found: at };
    }
    if (outcome === "open" && limit === bytes.length && limit < at + maxRecordBytes && !final)
      return "undecided";
  }
}

/** How an object begins, up to the colon after its first key; `undefined` where it does not begin with a plain key. */
export function signatureOf(bytes: Buffer, start: number): Buffer | undefined {
  const limit = Math.min(bytes.length, start + MAX_SIGNATURE);
  let at = start + 1;
  while (at < limit && isBlank(bytes[at])) at++;
  if (at === limit || bytes[at] !== QUOTE) return undefined;
  const close = bytes.indexOf(QUOTE, at + 1);
  if (close <= at + 1 || close >= limit) return undefined;
  at = close + 1;
  while (at < limit && isBlank(bytes[at])) at++;
  return at < limit && bytes[at] === COLON ? Buffer.from(bytes.subarray(start, at + 1)) : undefined;
}

/**
 * The next position at or after `from` where an object begins with this signature and is no object's member.
 *
 * @param before the last byte before `from` that is not blank
 */
export function nextSibling(
  bytes: Buffer,
  from: number,
  signature: Buffer,
  before: number | undefined,
): number {
  let at = bytes.indexOf(signature, from);
  while (at !== -1 && (lastBefore(bytes, at, from).byte ?? before) === COLON)
    at = bytes.indexOf(signature, at + 1);
  return at;
}

/** The last byte before `at` that is not blank, looking no further back than `start`. */
export function lastBefore(bytes: Uint8Array, at: number, start: number): ResyncRegion["before"] {
  let newLine = false;
  for (let back = at - 1; back >= start; back--) {
    const byte = bytes[back]!;
    if (byte === LF || byte === CR) newLine = true;
    else if (!isBlank(byte)) return { byte, newLine };
  }
  return { byte: undefined, newLine };
}

function isCandidate(region: ResyncRegion, at: number): boolean {
  if (at === region.accept) return true;
  const { signature } = region;
  // An element that was cut off after a colon seems to have the next one as its value.
  if (signature?.equals(region.bytes.subarray(at, at + signature.length))) return true;
  const { byte, newLine } = byteBefore(region, at);
  return byte !== COLON && (newLine || byte === COMMA || byte === CLOSE_BRACE || byte === OPEN_BRACE);
}

function byteBefore(region: ResyncRegion, at: number): ResyncRegion["before"] {
  const { byte, newLine } = lastBefore(region.bytes, at, region.start);
  return byte === undefined
    ? { byte: region.before.byte, newLine: newLine || region.before.newLine }
    : { byte, newLine };
}

/**
 * True where what stands behind an object can stand behind an element, and not behind a member's value: another
 * object or the end of the array, with or without a comma. `undefined` where the bytes end before that shows.
 */
function followsAsElement(bytes: Uint8Array, end: number): boolean | undefined {
  let at = end;
  while (at < bytes.length && (isBlank(bytes[at]) || bytes[at] === COMMA)) at++;
  if (at === bytes.length) return undefined;
  return bytes[at] === OPEN_BRACE || bytes[at] === CLOSE_BRACKET;
}

function parses(bytes: Buffer, start: number, end: number): boolean {
  try {
    JSON.parse(bytes.toString("utf8", start, end));
    return true;
  } catch {
    return false;
  }
}
