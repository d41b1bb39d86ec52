import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { IngotError } from "@ingot/common";
import { openPieces, type Pipeline, type SourceTable, sourcesOf } from "@ingot/engine/batch";

/**
 * The table whose fields a file has: of those of which it has all that a file must have, the one that asks for most.
 * `undefined` where there is none, or two that ask for equally many.
 */
export async function tableByFields(file: string, pipeline: Pipeline): Promise<SourceTable | undefined> {
  const candidates: { table: SourceTable; required: number }[] = [];
  for (const table of sourcesOf(pipeline)) {
    const required = table.fields.filter(({ isRequired }) => isRequired === true).length;
    if (required > 0 && (await canBeOf(file, table))) candidates.push({ table, required });
  }
  const [best, next] = candidates.sort((a, b) => b.required - a.required);
  return best !== undefined && best.required !== next?.required ? best.table : undefined;
}

/** Reads no further than to the first records; a workbook is read as a whole. */
async function canBeOf(file: string, { fields }: SourceTable): Promise<boolean> {
  const stream = createReadStream(file);
  try {
    const { size } = await stat(file);
    const pieces = await openPieces(stream, { name: path.basename(file), fields }, size);
    for await (const batch of pieces) if (batch.some((piece) => "record" in piece)) return true;
    return false;
  } catch (error) {
    if (error instanceof IngotError && error.code === "source_invalid") return false;
    throw error;
  } finally {
    stream.destroy();
  }
}
