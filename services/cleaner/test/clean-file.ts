import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FileStore, readAll } from "@ingot/common";
import { createRuleContext, datasetOfBronze, quarantineKey, silverKey } from "@ingot/pipelines";
import { expect } from "vitest";
import { cleanObject } from "../src/clean-object.ts";
import { checkCleaned } from "./check-cleaned.ts";

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
  const { rows } = await checkCleaned(dataset.name, key, { counts, silver, quarantine });
  const ids = rows.map(([id = ""]) => id);
  expect((await lake.silver.stat(target))?.metadata).toMatchObject({
    read: String(counts.read),
    kept: String(counts.kept),
    rejected: String(counts.rejected),
    duplicates: String(counts.duplicates),
    source_key: key,
  });
  return { ids, reasons: { ...counts.reasons }, duplicates: counts.duplicates };
}
