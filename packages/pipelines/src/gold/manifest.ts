import { type ObjectStore, readJson } from "@ingot/common";

/** Where gold says which KPIs it has. */
export const MANIFEST = "latest/manifest.json";

/** What lies at `MANIFEST` (contract: e-commerce, section 4). */
export interface Manifest {
  kpis: Record<string, ManifestEntry>;
}

/** What it was made of is absent where an older version of Ingot wrote it. */
export interface ManifestEntry extends Partial<GoldOrigin> {
  /** The version in history with the same bytes as `latest/<kpi>.csv`. */
  key: string;
  columns: readonly { name: string; type: string }[];
  rows: number;
  sha256: string;
  /** UTC, ISO 8601. */
  updated_at: string;
}

/** The SQL of a KPI. */
export interface SqlOrigin {
  /** The file's name without its folder: where it lies is another place on each machine. */
  file: string;
  /** Of its text, in hex. */
  sha256: string;
}

/** What a version of a KPI was made of, and by which version of Ingot. */
export interface GoldOrigin {
  sql: SqlOrigin;
  code_version: string;
  /** Absent where somebody else changed the warehouse all the time while the KPIs were computed. */
  silver?: SilverRecord | undefined;
}

/**
 * Which silver a version of a KPI came from: all that the warehouse had taken in by then. The warehouse itself has the
 * list of it, its table `objects`.
 */
export interface SilverRecord {
  /** How many objects. */
  objects: number;
  /** The last of them by its `id`; ids mean something within one generation of the warehouse only. */
  through: number;
  /** When the last one was taken in: UTC, ISO 8601; empty where there are none. It outlives a generation. */
  ingested_at: string;
  /** The warehouse's; another one after it was filled anew. */
  generation: string;
}

export const latestKey = (kpi: string): string => `latest/${kpi}.csv`;

/** The manifest in storage; an empty one where there is none, or one that cannot be read. */
export async function readManifest(gold: ObjectStore): Promise<Manifest> {
  const kpis = (await readJson<Manifest>(gold, MANIFEST))?.value?.kpis;
  return { kpis: typeof kpis === "object" && kpis !== null ? kpis : {} };
}
