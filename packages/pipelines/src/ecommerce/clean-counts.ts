import type { ObjectMetadata } from "@ingot/common";

/** What became of records: `read` = `kept` + `rejected` + `duplicates` (contract: e-commerce, section 3). */
export interface CleanCounts {
  read: number;
  kept: number;
  rejected: number;
  /** Older versions of a record that the same object has again. */
  duplicates: number;
  /** Rejected records by reason. */
  reasons: Record<string, number>;
}

const NAMES = ["read", "kept", "rejected", "duplicates"] as const;

/** Counts as an object's metadata tells them; `undefined` where something else than the cleaner wrote it. */
export type StoredCounts = Record<(typeof NAMES)[number], number | undefined> & Pick<CleanCounts, "reasons">;

export const noCounts = (): CleanCounts => ({ read: 0, kept: 0, rejected: 0, duplicates: 0, reasons: {} });

/** Adds `part` to `sum`; what `part` does not tell counts as 0. */
export function addCounts(sum: CleanCounts, part: Readonly<StoredCounts>): void {
  for (const name of NAMES) sum[name] += part[name] ?? 0;
  for (const [reason, records] of Object.entries(part.reasons)) {
    sum.reasons[reason] = (sum.reasons[reason] ?? 0) + records;
  }
}

/** The counts as metadata of the silver object that they belong to. */
export function countsToMetadata(counts: CleanCounts): ObjectMetadata {
  const numbers = NAMES.map((name) => [name, String(counts[name])]);
  return { ...Object.fromEntries(numbers), reasons: JSON.stringify(counts.reasons) };
}

/** The inverse of `countsToMetadata`, for metadata that may be anybody's. */
export function countsFromMetadata(metadata: ObjectMetadata): StoredCounts {
  const count = (name: string): number | undefined =>
    /^\d+$/.test(metadata[name] ?? "") ? Number(metadata[name]) : undefined;
  return {
    read: count("read"),
    kept: count("kept"),
    rejected: count("rejected"),
    duplicates: count("duplicates"),
    reasons: reasonsOf(metadata.reasons),
  };
}

function reasonsOf(text: string | undefined): Record<string, number> {
  try {
    return JSON.parse(text ?? "{}");
  } catch {
    return {};
  }
}
