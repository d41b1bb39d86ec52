import { count } from "../amounts.ts";
import { reasonsText } from "../quarantine/rejected-objects.ts";
import type { ObjectLineage } from "./object-lineage.ts";
import { block, cleanedText, takenInText } from "./order-text.ts";

/** A raw file and what became of it, for people. */
export function objectText(lineage: ObjectLineage): string {
  const { dataset, silver, silverKey, quarantineKey, takenInAt } = lineage;
  const lines: [string, string][] = [["bronze", bronzeText(lineage)]];
  if (!silver) lines.push(["silver", "not cleaned yet: `ingot clean --once` does it"]);
  else {
    const where = silver.isPruned ? " (its CSV was pruned; its rows are in its day's Parquet file)" : "";
    lines.push(
      ["silver", `${silverKey}${where}`],
      ["records", countsText(silver.counts)],
      ["cleaned", cleanedText(silver.origin)],
    );
  }
  if (quarantineKey !== undefined) lines.push(["rejected", `quarantine, ${quarantineKey}`]);
  lines.push(["gold", takenInText(takenInAt)]);
  return block(`A file of ${dataset}`, lines);
}

function bronzeText({ bronzeKey, bronze, silver }: ObjectLineage): string {
  const cleaned = silver?.origin.bronzeEtag;
  if (!bronze) {
    const etag = cleaned === undefined ? "" : `, ETag ${cleaned} when it was cleaned`;
    return `${bronzeKey}${etag}; it is gone (BRONZE_RETENTION_DAYS?)`;
  }
  const told = `${bronzeKey}, ETag ${bronze.etag}, ${count(bronze.size)} bytes of ${bronze.modified.toISOString()}`;
  const isChanged = cleaned !== undefined && cleaned !== bronze.etag;
  return isChanged ? `${told}; changed since it was cleaned, when its ETag was ${cleaned}` : told;
}

function countsText({
  read,
  kept,
  rejected,
  duplicates,
  reasons,
}: NonNullable<ObjectLineage["silver"]>["counts"]): string {
  const shown = (value: number | undefined): string => (value === undefined ? "?" : count(value));
  const why = reasonsText(reasons);
  const parts = `${shown(read)} read = ${shown(kept)} kept + ${shown(rejected)} rejected + ${shown(duplicates)} duplicates`;
  return why === "" ? parts : `${parts} (${why})`;
}
