import { type LakeLocation, type LineageCheck, lineageName, type RunData } from "@ingot/common";
import { type CleanCounts, DATASETS, type DatasetName, SILVER_TYPES } from "@ingot/pipelines";
import type { CleanerReport } from "./cleaner.ts";

/** What a pass of the cleaner has read and written, for those who follow the data's way. */
export function runDataOf({ datasets }: CleanerReport, location: LakeLocation): RunData {
  const done = Object.entries(datasets) as [
    DatasetName,
    NonNullable<CleanerReport["datasets"][DatasetName]>,
  ][];
  const inputs = done.map(([dataset, { objects, bytes, records }]) => ({
    ...lineageName(location, "bronze", dataset),
    columns: DATASETS[dataset].bronzeFields.map((name) => ({ name })),
    rows: records.read,
    files: objects,
    bytes,
    checks: checksOf(records),
  }));
  const outputs = done.flatMap(([dataset, { objects, records }]) => [
    {
      ...lineageName(location, "silver", dataset),
      columns: Object.entries(SILVER_TYPES[dataset]).map(([name, type]) => ({ name, type })),
      rows: records.kept,
      files: objects,
    },
    ...(records.rejected === 0
      ? []
      : [{ ...lineageName(location, "quarantine", dataset), rows: records.rejected }]),
  ]);
  return { inputs, outputs };
}

/** Each reason of a rejection as a check of the raw records that failed. */
function checksOf({ read, rejected, reasons }: CleanCounts): LineageCheck[] {
  const expected = "0 of the records are rejected";
  const all = { assertion: "no_rejected_records", success: rejected === 0, severity: "warn" as const };
  return [
    { ...all, expected, actual: `${rejected} of ${read}` },
    ...Object.entries(reasons).map(([reason, records]) => ({
      assertion: `no_${reason}`,
      success: records === 0,
      severity: "warn" as const,
      expected: "0",
      actual: String(records),
    })),
  ];
}
