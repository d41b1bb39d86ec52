import type { DatasetName } from "@ingot/pipelines";
import fc from "fast-check";

/** An input for the cleaner, and what is known about it. */
export interface FuzzCase {
  /** For the table of figures. */
  what: string;
  dataset: DatasetName;
  key: string;
  bytes: Buffer;
  /** How many records the content has; undefined where it is damaged. */
  records?: number;
  /** The same records written another way, with the same silver. */
  otherWay?: { key: string; bytes: Buffer };
  /** The file before the damage, without gzip. */
  source?: Source;
  /** What must be nowhere in silver, in lower case. */
  secrets?: readonly string[];
  /** How the content is given, and cut into blocks for helpers: without a size, they take no part. */
  chunkBytes: number;
  blockBytes: number | undefined;
  /** Go through stores on the disk as well. */
  onDisk: boolean;
}

export interface Source {
  form: "csv" | "lines" | "array";
  bytes: Buffer;
}

/** How contents are given to the cleaner. */
export const GIVING = {
  chunkBytes: fc.constantFrom(7, 1000, 10_000, 65_536, 1_000_000),
  blockBytes: fc.option(fc.constantFrom(300, 5000, 40_000), { nil: undefined, freq: 3 }),
  onDisk: fc.integer({ min: 0, max: 7 }).map((one) => one === 0),
};
