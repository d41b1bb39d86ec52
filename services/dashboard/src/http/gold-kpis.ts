import { createHash } from "node:crypto";
import { setImmediate as breathe } from "node:timers/promises";
import { IngotError, type ObjectStore, readAll } from "@ingot/common";
import { readCsv } from "@ingot/engine";
import type { ColumnType, KpiInfo } from "../api/contract.ts";
import type { Table } from "../downloads/table.ts";
import { RequestError } from "./errors.ts";
import { COLUMN_TYPES } from "./schemas/lake.ts";

/** A KPI as `latest/manifest.json` describes it (contract: e-commerce, section 4). */
export interface GoldKpi {
  name: string;
  /** The version in history with the same bytes as `latest/<kpi>.csv`. */
  key: string;
  columns: readonly { name: string; type: ColumnType }[];
  rows: number;
  sha256: string;
  updatedAt: string;
}

/** The KPIs of gold as they are now. */
export interface GoldKpis {
  list(): Promise<GoldKpi[]>;
  /** @throws RequestError `not_found` */
  find(name: string): Promise<GoldKpi>;
  /** The file's bytes. */
  bytes(kpi: GoldKpi): Promise<Buffer>;
}

const MANIFEST = "latest/manifest.json";

/** What is true is what lies in storage; the manifest is read again when its ETag changes. */
export function createGoldKpis(gold: ObjectStore): GoldKpis {
  let known: { etag: string; kpis: Map<string, GoldKpi> } | undefined;

  const kpisNow = async (): Promise<Map<string, GoldKpi>> => {
    const stat = await gold.stat(MANIFEST);
    if (!stat) return new Map();
    if (known?.etag !== stat.etag) {
      const kpis = parseManifest(await readAll(gold, MANIFEST));
      known = { etag: stat.etag, kpis };
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
    bytes: (kpi) => bytesOf(gold, kpi),
  };
}

/**
 * A file that is newer than its manifest is on the way to be described; until then history has what the manifest tells
 * of.
 */
async function bytesOf(gold: ObjectStore, kpi: GoldKpi): Promise<Buffer> {
  const latest = await readOrNothing(gold, `latest/${kpi.name}.csv`);
  if (latest && sha256(latest) === kpi.sha256) return latest;
  const kept = await readOrNothing(gold, kpi.key);
  if (kept && sha256(kept) === kpi.sha256) return kept;
  const message = `${kpi.name} is just being written. Try again.`;
  throw new RequestError("object_changed", message);
}

async function readOrNothing(gold: ObjectStore, key: string): Promise<Buffer | undefined> {
  try {
    return await readAll(gold, key);
  } catch (error) {
    if (error instanceof IngotError && (error.code === "object_missing" || error.code === "object_changed"))
      return undefined;
    throw error;
  }
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

interface ManifestEntry extends Omit<GoldKpi, "name" | "updatedAt"> {
  updated_at: string;
}

function parseManifest(bytes: Buffer): Map<string, GoldKpi> {
  const { kpis = {} }: { kpis?: Record<string, ManifestEntry> } = JSON.parse(bytes.toString("utf8"));
  const named = Object.entries(kpis).map(([name, entry]): [string, GoldKpi] => {
    const { key, columns, rows, sha256, updated_at: updatedAt } = entry;
    return [name, { name, key, columns, rows, sha256, updatedAt }];
  });
  return new Map(named);
}

export function kpiInfo({ name, columns, rows, updatedAt }: GoldKpi): KpiInfo {
  const address = `/api/kpis/${name}`;
  return {
    name,
    columns: columns.map((column) => ({ name: column.name, type: typeOf(column.type) })),
    rows,
    updated_at: updatedAt,
    csv: `${address}.csv`,
    json: `${address}.json`,
    xlsx: `${address}.xlsx`,
  };
}

/** A later version of Ingot may have types that this one does not know. */
function typeOf(type: string): ColumnType {
  return COLUMN_TYPES.find((known) => known === type) ?? "text";
}

const SLICE_BYTES = 256 * 1024;

/** Reads a KPI's file; others are served meanwhile. */
export async function tableOf({ name, columns }: GoldKpi, bytes: Buffer): Promise<Table> {
  const rows: string[][] = [];
  const names = columns.map((column) => column.name);
  for await (const batch of readCsv(slices(bytes), names)) rows.push(...batch);
  return { name, columns: columns.map((column) => ({ name: column.name, type: typeOf(column.type) })), rows };
}

async function* slices(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    yield bytes.subarray(at, at + SLICE_BYTES);
    await breathe();
  }
}
