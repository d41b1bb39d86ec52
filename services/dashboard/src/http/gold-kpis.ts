import type { ObjectStore } from "@ingot/common";
import { latestKey, MANIFEST, type ManifestEntry, readManifest } from "@ingot/pipelines";
import type { ColumnType, KpiInfo } from "../api/contract.ts";
import { readDescribed, rowsOf } from "../downloads/gold-file.ts";
import type { Table, TableColumn } from "../downloads/table.ts";
import { RequestError } from "./errors.ts";
import { COLUMN_TYPES } from "./schemas/lake.ts";

/** A KPI as gold's manifest describes it. */
export interface GoldKpi extends Pick<ManifestEntry, "key" | "rows" | "sha256"> {
  name: string;
  columns: readonly TableColumn[];
  updatedAt: string;
}

/** The KPIs of gold as they are now. */
export interface GoldKpis {
  list(): Promise<GoldKpi[]>;
  /** @throws RequestError `not_found` */
  find(name: string): Promise<GoldKpi>;
  /** The file that the manifest tells of. @throws RequestError `object_changed` */
  bytes(kpi: GoldKpi): Promise<Buffer>;
}

/** What is true is what lies in storage; the manifest is read again when its ETag changes. */
export function createGoldKpis(gold: ObjectStore): GoldKpis {
  let known: { etag: string; kpis: Map<string, GoldKpi> } | undefined;

  const kpisNow = async (): Promise<Map<string, GoldKpi>> => {
    const stat = await gold.stat(MANIFEST);
    if (!stat) return new Map();
    if (known?.etag !== stat.etag) {
      const entries = Object.entries((await readManifest(gold)).kpis);
      known = {
        etag: stat.etag,
        kpis: new Map(entries.map(([name, entry]) => [name, goldKpi(name, entry)])),
      };
    }
    return known.kpis;
  };

  return {
    list: async () => [...(await kpisNow()).values()],
    find: async (name) => {
      const kpi = (await kpisNow()).get(name);
      if (kpi) return kpi;
      const message = `There is no KPI ${name}. GET /api/kpis lists all.`;
      throw new RequestError("not_found", message, { parameter: "kpi" });
    },
    bytes: async (kpi) => {
      const bytes = await readDescribed(gold, [latestKey(kpi.name), kpi.key], kpi.sha256);
      if (bytes) return bytes;
      throw new RequestError("object_changed", `${kpi.name} is just being written. Try again.`);
    },
  };
}

function goldKpi(
  name: string,
  { key, columns, rows, sha256, updated_at: updatedAt }: ManifestEntry,
): GoldKpi {
  const typed = columns.map((column) => ({ name: column.name, type: typeOf(column.type) }));
  return { name, key, columns: typed, rows, sha256, updatedAt };
}

/** A later version of Ingot may have types that this one does not know. */
function typeOf(type: string): ColumnType {
  return COLUMN_TYPES.find((known) => known === type) ?? "text";
}

export function kpiInfo({ name, columns, rows, updatedAt }: GoldKpi): KpiInfo {
  const address = `/api/kpis/${name}`;
  return {
    name,
    columns: [...columns],
    rows,
    updated_at: updatedAt,
    csv: `${address}.csv`,
    json: `${address}.json`,
    xlsx: `${address}.xlsx`,
  };
}

/** Reads a KPI's file; others are served meanwhile. */
export async function tableOf({ name, columns }: GoldKpi, bytes: Buffer): Promise<Table> {
  const rows: string[][] = [];
  const names = columns.map((column) => column.name);
  for await (const batch of rowsOf(bytes, names)) rows.push(...batch);
  return { name, columns, rows };
}
