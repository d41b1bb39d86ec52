import type { ObjectStore } from "@ingot/common";
import {
  LATEST_CHECKS,
  LayerCount,
  type LayerSize,
  type LoggedCheck,
  MANIFEST,
  readChecks,
  readManifest,
} from "@ingot/pipelines";

/** What lies in gold. */
export interface GoldFigures {
  size: LayerSize;
  /** Of the KPIs, as they are now. */
  rows: number;
  checks: readonly LoggedCheck[];
}

/** Makes a function that looks at gold, and reads only what has changed since. */
export function createGoldFigures(gold: ObjectStore): () => Promise<GoldFigures> {
  const rows = whenChanged(async () => {
    const { kpis } = await readManifest(gold);
    return Object.values(kpis).reduce((sum, kpi) => sum + (Number(kpi.rows) || 0), 0);
  }, 0);
  const checks = whenChanged(() => readChecks(gold), [] as readonly LoggedCheck[]);
  return async () => {
    const etags = new Map<string, string>();
    const size = new LayerCount(gold);
    for await (const { key, etag } of size.all())
      if (key === MANIFEST || key === LATEST_CHECKS) etags.set(key, etag);
    return { size, rows: await rows(etags.get(MANIFEST)), checks: await checks(etags.get(LATEST_CHECKS)) };
  };
}

/** Makes a function that reads again where it is given another ETag; `nothing` where there is none. */
function whenChanged<T>(read: () => Promise<T>, nothing: T): (etag: string | undefined) => Promise<T> {
  let known: { etag: string; value: T } | undefined;
  return async (etag) => {
    if (etag === undefined) return nothing;
    if (known?.etag !== etag) known = { etag, value: await read() };
    return known.value;
  };
}
