import { createHash } from "node:crypto";
import { goldOriginFromMetadata, sqlOrigin } from "@ingot/aggregator";
import { IngotError, type Lake, type Settings } from "@ingot/common";
import { ECOMMERCE, type GoldOrigin, loadModels, readManifest } from "@ingot/pipelines";
import { silverOfVersion, type VersionSilver } from "./warehouse-objects.ts";

/** A version of a KPI, and what it came from. */
export interface GoldLineage {
  kpi: string;
  /** Of the version in history. */
  key: string;
  /** True where `latest/` shows it. */
  isLatest: boolean;
  /** UTC, ISO 8601. */
  writtenAt: string;
  /** Without the header. */
  rows: number;
  /** Of its bytes as they are. */
  sha256: string;
  /** Absent where an older Ingot wrote it. */
  origin: GoldOrigin | undefined;
  /** The KPI's SQL as it is here now; absent where this machine has none of that name. */
  sqlNow: { path: string; sha256: string } | undefined;
  silver: VersionSilver | undefined;
}

const LATEST = /^latest\/([a-z][a-z0-9_]*)\.csv$/;
const VERSION = /^([a-z][a-z0-9_]*)\/\1_\d{8}T\d{6}(?:-\d+)?\.csv$/;

/** What somebody means by the name of something in gold. */
export interface GoldTarget {
  kpi: string;
  /** `undefined` for the version that `latest/` shows. */
  key: string | undefined;
}

/** A KPI or one of its versions; `undefined` where the text names none. `gold/` before it does not matter. */
export async function goldTarget(lake: Lake, text: string): Promise<GoldTarget | undefined> {
  const key = text.replace(/^(?:\.\/)?gold\//, "");
  const [, latest] = LATEST.exec(key) ?? [];
  if (latest !== undefined) return { kpi: latest, key: undefined };
  const [, version] = VERSION.exec(key) ?? [];
  if (version !== undefined) return { kpi: version, key };
  const { kpis } = await readManifest(lake.gold);
  return Object.hasOwn(kpis, key) ? { kpi: key, key: undefined } : undefined;
}

/**
 * Walks back from a version of a KPI to the silver objects that it came from.
 *
 * @param limit objects that are listed; `undefined` for all
 * @throws IngotError `object_missing`, and of the storage or the warehouse
 */
export async function goldLineage(
  lake: Lake,
  { kpi, key: given }: GoldTarget,
  settings: Settings,
  limit: number | undefined,
): Promise<GoldLineage> {
  const { kpis } = await readManifest(lake.gold);
  const entry = Object.hasOwn(kpis, kpi) ? kpis[kpi] : undefined;
  const key = given ?? entry?.key;
  const stored = key === undefined ? undefined : await lake.gold.stat(key);
  if (key === undefined || !stored) throw missing(given ?? `latest/${kpi}.csv`, Object.keys(kpis), lake);
  const isLatest = entry?.key === key;
  // The version's own word counts; the manifest tells where a tool that copied gold lost the metadata.
  const origin = goldOriginFromMetadata(stored.metadata) ?? (isLatest ? originOf(entry) : undefined);
  const { body } = await lake.gold.read(key);
  const { rows, sha256 } = await contentOf(body);
  return {
    kpi,
    key,
    isLatest,
    writtenAt: isLatest && entry ? entry.updated_at : stored.modified.toISOString(),
    rows,
    sha256,
    origin,
    sqlNow: await sqlOf(kpi, settings),
    silver: await silverOfVersion(settings, origin?.silver, limit),
  };
}

function originOf(entry: object | undefined): GoldOrigin | undefined {
  const { sql, code_version, silver }: Partial<GoldOrigin> = entry ?? {};
  return sql && code_version !== undefined ? { sql, code_version, silver } : undefined;
}

const LF = 10;
const QUOTE = 34;

/** How many rows a CSV file has below its header, and its hash. */
async function contentOf(body: AsyncIterable<Uint8Array>): Promise<{ rows: number; sha256: string }> {
  const hash = createHash("sha256");
  let lines = 0;
  let isQuoted = false;
  for await (const chunk of body) {
    hash.update(chunk);
    for (const byte of chunk) {
      if (byte === QUOTE) isQuoted = !isQuoted;
      else if (byte === LF && !isQuoted) lines += 1;
    }
  }
  return { rows: Math.max(0, lines - 1), sha256: hash.digest("hex") };
}

async function sqlOf(name: string, { kpiDir }: Settings): Promise<GoldLineage["sqlNow"]> {
  const { kpis } = await loadModels([...ECOMMERCE.models, ...(kpiDir === undefined ? [] : [kpiDir])]);
  const kpi = kpis.find((one) => one.name === name);
  return kpi && { path: kpi.file, sha256: sqlOrigin(kpi).sha256 };
}

function missing(key: string, kpis: readonly string[], { gold }: Lake): IngotError {
  const known =
    kpis.length === 0
      ? "Gold has no KPIs yet: `ingot aggregate --once` makes them."
      : `\`ingot lineage <kpi>\` shows the current version of a KPI (${kpis.join(", ")}); older versions are kept as GOLD_HISTORY and GOLD_RETENTION_DAYS say.`;
  const text = `There is no ${JSON.stringify(key)} in ${gold.url}. ${known}`;
  return new IngotError("object_missing", text, { context: { layer: "gold", key } });
}
