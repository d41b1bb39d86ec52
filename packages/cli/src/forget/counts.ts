import { DATASETS, type DatasetName } from "@ingot/pipelines";

export interface Count {
  objects: number;
  records: number;
}

/** What there is of a person, by layer and dataset; numbers only. */
export interface Counts {
  bronze: Record<DatasetName, Count>;
  silver: Record<DatasetName, Count>;
  quarantine: Record<DatasetName, Count>;
  /** Days' Parquet files. */
  parquet: number;
}

export const COUNTED_LAYERS = ["bronze", "silver", "quarantine"] as const;

export const DATASET_NAMES = Object.keys(DATASETS) as DatasetName[];

const noCount = (): Record<DatasetName, Count> => ({
  customers: { objects: 0, records: 0 },
  orders: { objects: 0, records: 0 },
  clicks: { objects: 0, records: 0 },
});

export const noCounts = (): Counts => ({
  bronze: noCount(),
  silver: noCount(),
  quarantine: noCount(),
  parquet: 0,
});

/** Counts an object with so many records of the person; one without is none. */
export function addObject(counts: Record<DatasetName, Count>, dataset: DatasetName, records: number): void {
  if (records === 0) return;
  counts[dataset].objects += 1;
  counts[dataset].records += records;
}

export const isNothing = (counts: Counts): boolean =>
  counts.parquet === 0 &&
  COUNTED_LAYERS.every((layer) => DATASET_NAMES.every((name) => counts[layer][name].objects === 0));

/** The counts as lines for people. */
export function countLines(counts: Counts): string[] {
  const number = (value: number, noun: string): string =>
    `${value.toLocaleString("en-US")} ${noun}${value === 1 ? "" : "s"}`;
  const lines = COUNTED_LAYERS.flatMap((layer) =>
    DATASET_NAMES.flatMap((name) => {
      const { objects, records } = counts[layer][name];
      if (objects === 0) return [];
      return [
        `  ${layer.padEnd(11)} ${name.padEnd(10)} ${number(objects, "object")}, ${number(records, "record")}`,
      ];
    }),
  );
  const days =
    counts.parquet === 0
      ? []
      : [`  ${"silver".padEnd(11)} ${"Parquet".padEnd(10)} ${number(counts.parquet, "day")}`];
  return [...lines, ...days];
}
