import path from "node:path";
import { hasInputEnding, IngotError } from "@ingot/common";
import { type DatasetName, datasetOfBronze } from "@ingot/pipelines";
import { beginning } from "./beginning.ts";
import { type PlannedFile, sizeOf } from "./planned-file.ts";

/**
 * Where a file of the e-commerce pipeline goes: `<dataset>/dt=<day>/<name>`.
 *
 * @param given the dataset; told by the file's name or its fields where it is absent
 * @throws IngotError `usage`
 */
export async function planEcommerceFile(
  file: string,
  given: DatasetName | undefined,
  day: string,
): Promise<PlannedFile> {
  const bytes = await sizeOf(file);
  const name = path.basename(file);
  if (!hasInputEnding(name)) {
    throw new IngotError(
      "usage",
      `${file} does not end in .csv, .json, .jsonl, .ndjson or .txt (or one of these with .gz). Export it as CSV first.`,
    );
  }
  const byName = datasetOfBronze(name)?.name;
  const dataset = given ?? byName ?? (await datasetByFields(file));
  if (!dataset) {
    throw new IngotError(
      "usage",
      `${file}: neither its name nor its fields tell what it holds. Add --dataset orders.`,
    );
  }
  const base = byName === dataset ? name : `${dataset}_${name}`;
  return { file, bytes, base, keyOf: (other) => `${dataset}/dt=${day}/${other}` };
}

/** The dataset whose own field names the beginning of a file mentions; `undefined` where that is not clear. */
async function datasetByFields(file: string): Promise<DatasetName | undefined> {
  const sample = await beginning(file);
  const names = new Set(
    sample
      .toString("utf8")
      .toLowerCase()
      .match(/[a-z_]+/g) ?? [],
  );
  const telling: [DatasetName, string][] = [
    ["orders", "order_id"],
    ["clicks", "page"],
    ["customers", "signup_date"],
  ];
  const candidates = telling.filter(([, field]) => names.has(field));
  return candidates.length === 1 ? candidates[0]![0] : undefined;
}
