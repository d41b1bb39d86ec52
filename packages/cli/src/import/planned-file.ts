import { stat } from "node:fs/promises";
import { IngotError, messageOf, type ObjectStore } from "@ingot/common";

/** A file that is to be copied into bronze. */
export interface PlannedFile {
  file: string;
  bytes: number;
  /** The name that it is to have in bronze, without its folder. */
  base: string;
  /** Where an object of this name goes that holds the file. */
  keyOf(base: string): string;
  /** Of the objects beside this one, itself included, the only one that counts; absent where all do. */
  newest?(bronze: ObjectStore, key: string): Promise<string | undefined>;
  /** What it holds, for those who ask for JSON. */
  table?: string | undefined;
}

/** @returns the file's size in bytes. @throws IngotError `usage` where it is no file that can be read */
export async function sizeOf(file: string): Promise<number> {
  const info = await stat(file).catch((cause: unknown) => {
    throw new IngotError("usage", `${file} cannot be read: ${messageOf(cause)}`, { cause });
  });
  if (!info.isFile())
    throw new IngotError("usage", `${file} is not a file. Name the files themselves: ${file}/*.csv`);
  return info.size;
}
