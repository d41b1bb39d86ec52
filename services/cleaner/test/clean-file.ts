import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FileStore, readAll } from "@ingot/common";
import { readCsv } from "@ingot/engine";
import { createRuleContext, datasetOfBronze, quarantineKey, silverKey } from "@ingot/pipelines";
import { expect } from "vitest";
import { cleanObject } from "../src/clean-object.ts";

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
  expect(counts.read).toBe(counts.kept + counts.rejected + counts.duplicates);

  const ids: string[] = [];
  for await (const rows of readCsv((await lake.silver.read(target)).body, dataset.silverColumns)) {
    ids.push(...rows.map(([id = ""]) => id));
  }
  expect(ids).toHaveLength(counts.kept);
  expect((await lake.silver.stat(target))?.metadata).toMatchObject({
    read: String(counts.read),
    kept: String(counts.kept),
    rejected: String(counts.rejected),
    duplicates: String(counts.duplicates),
    source_key: key,
  });
  if (counts.rejected === 0) expect(await lake.quarantine.stat(quarantineKey(key))).toBeUndefined();
  else {
    const lines = (await readAll(lake.quarantine, quarantineKey(key))).toString("utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(counts.rejected);
    for (const line of lines.map((text) => JSON.parse(text))) {
      expect(line).toMatchObject({ source_key: key, reason: expect.any(String), raw: expect.any(String) });
      expect("line" in line || "index" in line).toBe(true);
    }
  }
  return { ids, reasons: { ...counts.reasons }, duplicates: counts.duplicates };
}
