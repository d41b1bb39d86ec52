import { existsSync } from "node:fs";
import type { Settings } from "@ingot/common";
import { sqlText } from "@ingot/engine";
import type { SilverRecord } from "@ingot/pipelines";
import { inspectWarehouse, openWarehouse, type Warehouse, warehouseFile } from "@ingot/warehouse";

/** A silver object as the warehouse took it in. */
export interface TakenInObject {
  silverKey: string;
  bronzeKey: string;
  dataset: string;
  rows: number;
  /** UTC, ISO 8601. */
  takenInAt: string;
}

/** The silver that a version of a KPI came from. */
export interface VersionSilver {
  /**
   * How well the list is known: `exact`; `by_time` where the warehouse was filled anew since (its objects know when they
   * were taken in first, those that were cleaned again or are gone are missing); `all` where the version does not tell.
   */
  basis: "exact" | "by_time" | "all";
  objects: number;
  rows: number;
  byDataset: { dataset: string; objects: number; rows: number }[];
  /** The newest first. */
  listed: TakenInObject[];
}

/** When the warehouse took these objects in, by silver key; `undefined` where there is no warehouse here. */
export async function takenIn(
  settings: Settings,
  silverKeys: readonly string[],
): Promise<ReadonlyMap<string, string> | undefined> {
  return withWarehouse(settings, async (warehouse) => {
    const keys = silverKeys.map(sqlText).join(", ");
    const { rows } = await warehouse.query(`select key, ingested_at from objects where key in (${keys})`);
    return new Map(rows.map(([key, at]) => [String(key), String(at)]));
  });
}

/**
 * The silver that a version came from, as the warehouse lists it; `undefined` where there is no warehouse here.
 *
 * @param record what the version tells
 * @param limit objects that are listed; `undefined` for all
 */
export async function silverOfVersion(
  settings: Settings,
  record: SilverRecord | undefined,
  limit: number | undefined,
): Promise<VersionSilver | undefined> {
  return withWarehouse(settings, async (warehouse) => {
    const generation = await generationOf(warehouse);
    const basis = record === undefined ? "all" : record.generation === generation ? "exact" : "by_time";
    const condition = conditionOf(basis, record);
    const counted = await warehouse.query(
      `select dataset, count(*), coalesce(sum(rows), 0) from objects where ${condition} group by dataset order by dataset`,
    );
    const byDataset = counted.rows.map(([dataset, objects, rows]) => ({
      dataset: String(dataset),
      objects: Number(objects),
      rows: Number(rows),
    }));
    const { rows } = await warehouse.query(
      `select key, bronze_key, dataset, rows, ingested_at from objects where ${condition}
       order by ingested_at desc, id desc limit ${limit ?? -1}`,
    );
    const listed = rows.map(([silverKey, bronzeKey, dataset, count, takenInAt]) => ({
      silverKey: String(silverKey),
      bronzeKey: String(bronzeKey),
      dataset: String(dataset),
      rows: Number(count),
      takenInAt: String(takenInAt),
    }));
    const sum = (name: "objects" | "rows"): number => byDataset.reduce((total, of) => total + of[name], 0);
    return { basis, objects: sum("objects"), rows: sum("rows"), byDataset, listed };
  });
}

function conditionOf(basis: VersionSilver["basis"], record: SilverRecord | undefined): string {
  if (record === undefined || basis === "all") return "true";
  return basis === "exact" ? `id <= ${record.through}` : `ingested_at <= ${sqlText(record.ingested_at)}`;
}

async function generationOf(warehouse: Warehouse): Promise<string> {
  const { rows } = await warehouse.query("select value from meta where name = 'generation'");
  return String(rows[0]?.[0]);
}

/** Opening a file that is no good would put it aside, which is the aggregator's to do. */
async function withWarehouse<T>(
  settings: Settings,
  use: (warehouse: Warehouse) => Promise<T>,
): Promise<T | undefined> {
  const file = warehouseFile(settings);
  if (!existsSync(file) || inspectWarehouse(file).kind !== "usable") return undefined;
  const warehouse = openWarehouse(settings, () => undefined);
  try {
    return await use(warehouse);
  } finally {
    await warehouse.close();
  }
}
