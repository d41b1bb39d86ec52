import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FileStore, readAll } from "@ingot/common";
import {
  type CleanCounts,
  createRuleContext,
  datasetOfBronze,
  quarantineKey,
  samplesFromMetadata,
  silverKey,
} from "@ingot/pipelines";
import { expect } from "vitest";
import { cleanObject } from "../src/clean-object.ts";
import { checkCleaned } from "./check-cleaned.ts";
import { cleanContent } from "./clean-content.ts";

export interface Cleaned {
  /** The first column of every silver row. */
  ids: string[];
  reasons: Record<string, number>;
  duplicates: number;
}

const context = createRuleContext({ businessTimezone: "UTC", emailHashKey: undefined });

/** Cleans one file in a lake of its own, and checks what holds for every file: all records are accounted for. */
export async function cleanFile(key: string, content: string | Uint8Array): Promise<Cleaned> {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-clean-"));
  try {
    const layer = (name: string): FileStore => new FileStore(path.join(folder, name));
    const lake = { bronze: layer("bronze"), silver: layer("silver"), quarantine: layer("quarantine") };
    await lake.bronze.write(key, Buffer.from(content as string));
    return await cleaned(lake, key);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Cleans one file in memory, with the same checks; what is particular to objects is left out. */
export async function cleanInMemory(key: string, content: Uint8Array): Promise<Cleaned> {
  const { name } = datasetOfBronze(key)!;
  const cleaned = await cleanContent({ dataset: name, key, bytes: Buffer.from(content) }, context);
  const { rows } = await checkCleaned(name, key, cleaned);
  return summary(cleaned.counts, rows);
}

const summary = ({ reasons, duplicates }: CleanCounts, rows: readonly string[][]): Cleaned => ({
  ids: rows.map(([id = ""]) => id),
  reasons: { ...reasons },
  duplicates,
});

async function cleaned(
  lake: Record<"bronze" | "silver" | "quarantine", FileStore>,
  key: string,
): Promise<Cleaned> {
  const dataset = datasetOfBronze(key)!;
  const target = silverKey(dataset, key);
  const counts = await cleanObject(lake, { key, dataset, replace: false }, context);
  const silver = await readAll(lake.silver, target);
  const rejections = await lake.quarantine.stat(quarantineKey(key));
  expect(rejections !== undefined).toBe(counts.rejected > 0);
  const quarantine = rejections ? await readAll(lake.quarantine, quarantineKey(key)) : Buffer.alloc(0);
  const { metadata = {} } = (await lake.silver.stat(target)) ?? {};
  const samples = samplesFromMetadata(metadata);
  const { rows } = await checkCleaned(dataset.name, key, { counts, samples, silver, quarantine });
  expect(metadata).toMatchObject({
    read: String(counts.read),
    kept: String(counts.kept),
    rejected: String(counts.rejected),
    duplicates: String(counts.duplicates),
    source_key: key,
  });
  return summary(counts, rows);
}
