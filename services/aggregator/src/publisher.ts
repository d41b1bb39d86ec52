import { type Clock, inParallel, type ObjectStore } from "@ingot/common";
import {
  type GoldOrigin,
  latestKey,
  MANIFEST,
  type Manifest,
  type ManifestEntry,
  readManifest,
  type SilverRecord,
} from "@ingot/pipelines";
import { hashAt, keepVersion, pruneVersions, writeLatest } from "./gold-history.ts";
import { goldOrigin, goldOriginToMetadata } from "./gold-origin.ts";
import type { RenderedKpi } from "./render.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Each KPI is some requests one after another, which on S3 are some hundredths of a second. */
const KPIS_AT_ONCE = 8;
/** Versions grow old also while nothing changes. */
const AGEING_INTERVAL_MS = 60 * 60 * 1000;

export interface PublisherOptions {
  gold: ObjectStore;
  /** Versions of each KPI to keep. */
  history: number;
  /** Days after which older versions are deleted; `undefined` for never. */
  retentionDays: number | undefined;
  clock: Clock;
}

export interface Publisher {
  /**
   * Brings gold to these KPIs and writes only what differs. Returns how many KPIs changed.
   *
   * @param failed KPIs that could not be computed; gold keeps their last good version
   * @param silverOf what they were computed from, where that is known; asked where gold changes
   */
  publish(
    kpis: readonly RenderedKpi[],
    failed: readonly string[],
    silverOf: () => Promise<SilverRecord | undefined>,
  ): Promise<number>;
}

/**
 * What is true is what lies in storage: another aggregator, a user or a kill may have changed it since. Each call looks
 * at the ETags of `latest/`, and reads what it has not seen yet.
 */
export function createPublisher({ gold, history, retentionDays, clock }: PublisherOptions): Publisher {
  /** When history was last looked through for versions that are too old. */
  let agedAtMs = Number.NEGATIVE_INFINITY;
  /** Hashes of objects under `latest/` by key and ETag. */
  let seen = new Map<string, { etag: string; sha256: string }>();
  /** Versions that were found in history. Looked up once: only people delete what the manifest names. */
  const found = new Set<string>();

  const isInHistory = async (key: string): Promise<boolean> => {
    if (!found.has(key) && (await gold.stat(key)) !== undefined) found.add(key);
    return found.has(key);
  };

  const hashesOfLatest = async (): Promise<Map<string, string>> => {
    const now = new Map<string, { etag: string; sha256: string }>();
    for await (const { key, etag } of gold.list({ prefix: "latest/" })) {
      const known = seen.get(key);
      const sha256 = known?.etag === etag ? known.sha256 : await hashAt(gold, key);
      if (sha256 !== undefined) now.set(key, { etag, sha256 });
    }
    seen = now;
    return new Map([...now].map(([key, { sha256 }]) => [key, sha256]));
  };

  const publish: Publisher["publish"] = async (kpis, failed, silverOf) => {
    let silver: ReturnType<typeof silverOf> | undefined;
    const latest = await hashesOfLatest();
    const manifest = latest.has(MANIFEST) ? await readManifest(gold) : { kpis: {} };
    const before = JSON.stringify(manifest);
    /** Answers the manifest's new entry; `undefined` where all of it is right. */
    const bringUpToDate = async (kpi: RenderedKpi): Promise<ManifestEntry | undefined> => {
      const entry = manifest.kpis[kpi.name];
      const isLatest = latest.get(latestKey(kpi.name)) === kpi.sha256;
      if (isLatest && entry && describes(entry, kpi) && (await isInHistory(entry.key))) return undefined;
      const now = clock.now();
      silver ??= silverOf();
      const origin = goldOrigin(kpi.sql, await silver);
      const key = await keepVersion(gold, { ...kpi, metadata: goldOriginToMetadata(origin) }, now);
      if (!isLatest) await writeLatest(gold, kpi);
      return entryOf(kpi, { key, now, origin });
    };
    const entries = await inParallel(kpis, KPIS_AT_ONCE, bringUpToDate);
    let changed = 0;
    for (const [index, { name }] of kpis.entries()) {
      const entry = entries[index];
      if (!entry) continue;
      manifest.kpis[name] = entry;
      changed += 1;
    }
    const current = new Set([...kpis.map(({ name }) => name), ...failed]);
    const withdrawn = Object.keys(manifest.kpis).filter((name) => !current.has(name));
    for (const name of withdrawn) {
      // Before the manifest forgets it: a stop in between leaves something that still names what has to go.
      await gold.delete(latestKey(name));
      delete manifest.kpis[name];
    }
    const after = inOrder(manifest);
    if (before !== JSON.stringify(after) || !latest.has(MANIFEST)) {
      const bytes = Buffer.from(`${JSON.stringify(after, undefined, 2)}\n`);
      await gold.write(MANIFEST, bytes, { contentType: "application/json" });
    }
    const nowMs = clock.now().getTime();
    const isAgeing = retentionDays !== undefined && nowMs - agedAtMs >= AGEING_INTERVAL_MS;
    if (changed > 0 || isAgeing) {
      const writtenBefore = nowMs - (retentionDays ?? Number.POSITIVE_INFINITY) * DAY_MS;
      await inParallel(Object.entries(after.kpis), KPIS_AT_ONCE, ([name, { key: current }]) =>
        pruneVersions(gold, name, { keep: history, writtenBefore, current }),
      );
      agedAtMs = nowMs;
    }
    return changed + withdrawn.length;
  };
  return { publish };
}

function describes(entry: ManifestEntry, kpi: RenderedKpi): boolean {
  return entry.sha256 === kpi.sha256 && JSON.stringify(entry.columns) === JSON.stringify(kpi.columns);
}

function entryOf(
  { columns, rows, sha256 }: RenderedKpi,
  { key, now, origin }: { key: string; now: Date; origin: GoldOrigin },
): ManifestEntry {
  return { key, columns, rows, sha256, updated_at: now.toISOString(), ...origin };
}

function inOrder({ kpis }: Manifest): Manifest {
  return { kpis: Object.fromEntries(Object.entries(kpis).sort(([a], [b]) => (a < b ? -1 : 1))) };
}
