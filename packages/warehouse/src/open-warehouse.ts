import { createHash } from "node:crypto";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { IngotError, type Settings } from "@ingot/common";
import { readSnapshot } from "./sqlite/feed/read-snapshot.ts";
import { readMeta } from "./sqlite/meta.ts";
import { ofAnotherLake } from "./sqlite/open-database.ts";
import { SqliteWarehouse } from "./sqlite/sqlite-warehouse.ts";
import type { Warehouse } from "./warehouse.ts";

type WarehouseSettings = Pick<Settings, "lakeUrl" | "warehouseUrl">;

/**
 * The warehouse that the options describe.
 *
 * @param onWarning told when a file that could not be used was put aside
 * @throws IngotError `invalid_option`, `warehouse_invalid`, `warehouse_busy`
 */
export function openWarehouse(settings: WarehouseSettings, onWarning: (message: string) => void): Warehouse {
  return SqliteWarehouse.open({ file: warehouseFile(settings), lakeUrl: ownerOf(settings), onWarning });
}

/**
 * Makes sure, for those who only read, that the file is the warehouse of the lake that the options name. That there is
 * none, or none that can be read now, is no matter of whose it is.
 *
 * @throws IngotError `warehouse_invalid`
 */
export function assertWarehouseOfLake(settings: WarehouseSettings): void {
  const file = warehouseFile(settings);
  let lake: string;
  try {
    lake = readSnapshot(file, (database) => readMeta(database, "lake"));
  } catch {
    return;
  }
  const { lakeUrl } = settings;
  const isInLake = lakeUrl.protocol === "file:" && file === fileInLake(lakeUrl);
  if (lake !== lakeUrl.href && !(isInLake && lake === LAKE_AROUND))
    throw ofAnotherLake(file, lake, lakeUrl.href);
}

/** A file inside its lake may be moved together with it; any other has to know whose it is. */
const LAKE_AROUND = "the lake around it";

function ownerOf({ lakeUrl, warehouseUrl }: WarehouseSettings): string {
  const isInLake = warehouseUrl === undefined && lakeUrl.protocol === "file:";
  return isInLake ? LAKE_AROUND : lakeUrl.href;
}

const fileInLake = (lakeUrl: URL): string =>
  path.join(fileURLToPath(lakeUrl), "warehouse", "ecommerce.sqlite");

/** The path of the warehouse's SQLite file. */
export function warehouseFile({ lakeUrl, warehouseUrl }: WarehouseSettings): string {
  if (warehouseUrl === undefined) {
    if (lakeUrl.protocol === "file:") return fileInLake(lakeUrl);
    const lake = createHash("sha256").update(lakeUrl.href).digest("hex").slice(0, 8);
    return path.resolve("warehouse", `ecommerce-${lake}.sqlite`);
  }
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(warehouseUrl)) return path.resolve(warehouseUrl);
  if (warehouseUrl.startsWith("file:///")) return fileURLToPath(warehouseUrl);
  throw new IngotError(
    "invalid_option",
    `WAREHOUSE_URL is "${warehouseUrl}". Allowed: the path of a file or file:///….`,
    { context: { variable: "WAREHOUSE_URL" } },
  );
}
