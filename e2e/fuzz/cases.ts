import fc from "fast-check";
import { FILE_CASES } from "./files.ts";
import type { FuzzCase } from "./fuzz-case.ts";
import { RECORD_CASES } from "./records.ts";

export const KINDS = ["records", "files"] as const;
export type Kind = (typeof KINDS)[number];

/** Which input to try: it follows from these three alone. */
export interface CaseId {
  seed: number;
  kind: Kind;
  /** Counted from 0. */
  index: number;
}

/** The input of a case: equal ids give equal bytes. */
export function caseOf({ seed, kind, index }: CaseId): FuzzCase {
  const arbitrary = kind === "records" ? RECORD_CASES : FILE_CASES(seed, index);
  const mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(index + 1, 0xc2b2ae35);
  const [sample] = fc.sample(arbitrary, { seed: mixed | 0, numRuns: 1 });
  return sample!;
}

export const nameOf = ({ kind, index }: CaseId): string => `${kind}:${index}`;
