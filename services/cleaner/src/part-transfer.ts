import type { Continuation } from "@ingot/engine/records";
import type { DatasetName, RuleContext } from "@ingot/pipelines/silver";
import type { CleanedPart, PartSample } from "./cleaned-part.ts";

/** What a helper says as soon as it can work. */
export const READY = "ready";

/** What all blocks of an object have in common. */
export interface Job {
  /** Different for each object. */
  id: number;
  dataset: DatasetName;
  continuation: Continuation;
  maxRecordBytes: number;
  rules: RuleContext["options"];
  /** See IdentityWriter. */
  identitySeed: number;
}

/** Memory of both kinds moves from thread to thread, and back to be used again. */
export interface BlockTask {
  job: Job;
  block: ArrayBuffer;
  /** How many bytes of it count. */
  bytes: number;
  /** Memory for the reply. */
  spare: ArrayBuffer | undefined;
}

/** Entries to compare: see DuplicateFinder. */
export interface ComparisonTask {
  entries: ArrayBuffer;
  ends: readonly number[];
}

export interface ComparisonReply {
  losers: Float64Array;
  /** The memory that came with the task. */
  entries: ArrayBuffer;
}

export interface BlockReply {
  block: ArrayBuffer;
  /** How many lines or elements the block has; `undefined` where it does not end between two records. */
  positions: number | undefined;
  packed: PackedPart | undefined;
}

/** A part in one piece of memory. */
export interface PackedPart {
  memory: ArrayBuffer;
  rows: number;
  rowEnds: number;
  rowCount: number;
  identities: number;
  identityEnds: number;
  rejections: number;
  rejected: number;
  reasons: Record<string, number>;
  samples: Record<string, PartSample>;
}

/** Copies a part into `spare`, or into new memory where that is too small. */
export function pack(part: CleanedPart, spare: ArrayBuffer | undefined): PackedPart {
  const { rows, rowEnds, identities, identityEnds, rejections, rejectionEnds, rejectedAt } = part;
  // The widest numbers come first, so that all of them lie where their type wants it.
  const pieces = [rejectedAt, rejectionEnds, rowEnds, identityEnds, rows, identities, rejections];
  const bytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const memory = spare && spare.byteLength >= bytes ? spare : new ArrayBuffer(Math.ceil(bytes * 1.2));
  const target = new Uint8Array(memory);
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of pieces) {
    target.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return {
    memory,
    rows: rows.length,
    rowEnds: rowEnds.length,
    rowCount: part.rowCount,
    identities: identities.length,
    identityEnds: identityEnds.length,
    rejections: rejections.length,
    rejected: rejectedAt.length,
    reasons: part.reasons,
    samples: part.samples,
  };
}

/** The part that was packed, in the same memory. */
export function unpack(packed: PackedPart): CleanedPart {
  const { memory, rowCount, reasons, samples } = packed;
  let at = 0;
  const take = (bytes: number): number => {
    at += bytes;
    return at - bytes;
  };
  return {
    rejectedAt: new Float64Array(memory, take(8 * packed.rejected), packed.rejected),
    rejectionEnds: new Uint32Array(memory, take(4 * packed.rejected), packed.rejected),
    rowEnds: new Uint32Array(memory, take(4 * packed.rowEnds), packed.rowEnds),
    identityEnds: new Uint32Array(memory, take(4 * packed.identityEnds), packed.identityEnds),
    rows: Buffer.from(memory, take(packed.rows), packed.rows),
    identities: Buffer.from(memory, take(packed.identities), packed.identities),
    rejections: Buffer.from(memory, take(packed.rejections), packed.rejections),
    rowCount,
    reasons,
    samples,
  };
}
