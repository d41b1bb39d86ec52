import type { ObjectMetadata } from "@ingot/common";
import { type RejectSample, SAMPLE_END } from "./silver/reject-sample.ts";

/** The first record of an object that was rejected for a reason. */
export interface PlacedSample extends RejectSample {
  /** Where the record stands in its file, as quarantine has it. */
  place: { line: number } | { index: number };
}

export type RejectSamples = Readonly<Record<string, PlacedSample>>;

const NAME = "samples";
/** What stores allow for all metadata of an object together. */
const ALL_BYTES = 2048;
const SPARE_BYTES = 150;
const MOST_BYTES = 600;

/** Stores count what is sent, and JSON takes three times as much when it is. This and the end of a sample go as they are. */
const VALUE_END = "*";

/**
 * The samples as metadata of the silver object: as many as have room beside the rest of it; nothing where there are none.
 *
 * @param rest the object's other metadata
 */
export function samplesToMetadata(samples: RejectSamples, rest: ObjectMetadata): ObjectMetadata {
  const texts: string[] = [];
  for (const reason in samples) texts.push(textOf(reason, samples[reason]!));
  if (texts.length === 0) return {};
  let room = ALL_BYTES - SPARE_BYTES;
  for (const name in rest) room -= name.length + sentBytes(rest[name]!);
  room = Math.min(MOST_BYTES, room) - NAME.length;
  for (; texts.length > 0; texts.pop()) {
    const text = texts.join("");
    if (sentBytes(text) <= room) return { [NAME]: text };
  }
  return {};
}

function textOf(reason: string, { place, field = "", value = "" }: PlacedSample): string {
  const at = "line" in place ? `l${place.line}` : `i${place.index}`;
  return `${reason}${VALUE_END}${at}${VALUE_END}${field}${VALUE_END}${value}${SAMPLE_END}`;
}

/** So much is not counted, but taken for the most that it can be: counting takes longer than all the rest. */
const SHORT = 100;

/** How many bytes a text has at the most when it is sent, which is percent-encoded. */
function sentBytes(text: string): number {
  if (text.length <= SHORT && !BEYOND_ASCII.test(text)) return 3 * text.length;
  return encodeURIComponent(text.toWellFormed()).length;
}

const BEYOND_ASCII = /[\u0080-\uffff]/;

/** The inverse of `samplesToMetadata`, for metadata that may be anybody's. */
export function samplesFromMetadata(metadata: ObjectMetadata): RejectSamples {
  const samples: Record<string, PlacedSample> = {};
  for (const entry of (metadata[NAME] ?? "").split(SAMPLE_END)) {
    const [, reason = "", unit, number, field, value] = ENTRY.exec(entry) ?? [];
    if (unit === undefined) continue;
    const place = unit === "l" ? { line: Number(number) } : { index: Number(number) };
    samples[reason] = { place, ...(field && { field }), ...(value && { value }) };
  }
  return samples;
}

const ENTRY = /^([a-z0-9_]+)\*([li])(\d{1,15})\*([a-z_]*)\*(.*)$/;
