import type { Alarms, Clock, IngotError, Lake } from "@ingot/common";
import type { CheckResult } from "@ingot/engine/checks";
import { isCheckedDataset, isStopping, type LoadedModels } from "@ingot/pipelines";
import type { IngestReport, Warehouse } from "@ingot/warehouse";
import { createRenderer, type RenderedKpi, type RenderedKpis } from "../render.ts";
import { alarmChecks, checkError } from "./check-alarms.ts";
import { CheckLog } from "./check-log.ts";
import { RejectRates } from "./reject-rates.ts";
import { createSilverChecker } from "./silver-checks.ts";

export interface QualityOptions {
  lake: Pick<Lake, "gold">;
  warehouse: Warehouse;
  goldHistory: number;
  goldRetentionDays?: number | undefined;
  clock: Clock;
  alarms: Alarms;
  isThorough?: boolean | undefined;
}

interface Named {
  name: string;
  error: IngotError;
}

/** The KPIs as they would be published, and whether they may be. */
export interface Assessment extends Pick<RenderedKpis, "rendered" | "checks" | "revision"> {
  /** KPIs that could not be made; they do not keep the others back. */
  broken: readonly Named[];
  /** What keeps everything back: checks of severity `error` that do not pass, or that nobody can read. */
  stopping: readonly IngotError[];
}

export interface Quality {
  /** To be called before objects are taken in, and again when the warehouse was filled anew. */
  begin(isNew?: boolean): Promise<void>;
  /** Makes the KPIs, and runs all checks on the very same state of the warehouse. Raises and ends alarms. */
  assess(models: LoadedModels): Promise<Assessment>;
  /** Keeps what the checks found in gold. */
  log(checks: readonly CheckResult[], rendered: readonly RenderedKpi[]): Promise<void>;
  /** What a check found that is not run with every pass; it holds until the next time, or the warehouse is filled anew. */
  note(result: CheckResult): Promise<void>;
  /** The warehouse has taken these objects in. */
  add(ingested: IngestReport["ingested"]): void;
  close(): Promise<void>;
}

/** So often everything is made again because another aggregator changed the warehouse meanwhile. */
const ATTEMPTS = 5;

/** What stands between the warehouse and gold: no figures go out that the checks do not allow. */
export function createQuality(options: QualityOptions): Quality {
  const { lake, warehouse, clock, alarms, isThorough = false } = options;
  const renderKpis = createRenderer(warehouse, clock);
  const silverChecks = createSilverChecker(warehouse, clock);
  const { goldHistory: history, goldRetentionDays: retentionDays } = options;
  const checkLog = new CheckLog({ gold: lake.gold, history, retentionDays, clock });
  const rejectRates = new RejectRates();
  let hasBegun = false;
  let noted: { generation: string; result: CheckResult } | undefined;

  /** All results of one state; after the last attempt the next pass will find what changed. */
  const ofOneState = async ({ kpis, silver }: LoadedModels): Promise<RenderedKpis> => {
    for (let attempt = 1; ; attempt += 1) {
      const rendered = await renderKpis(kpis);
      const checks = await silverChecks.run(silver, { isThorough });
      const isOneState = (await warehouse.revision()) === rendered.revision;
      if (isOneState || attempt === ATTEMPTS) return { ...rendered, checks: [...checks, ...rendered.checks] };
    }
  };

  const assess: Quality["assess"] = async (models) => {
    const { rendered, failed, checks: found, revision } = await ofOneState(models);
    const isNotedStill = noted?.generation === generationOf(revision);
    const checks = [...found, ...rejectRates.results(), ...(noted && isNotedStill ? [noted.result] : [])];
    const { unreadable = [], invalid = [] } = Object.groupBy(models.invalid, ({ name }) =>
      isCheckedDataset(name) ? "unreadable" : "invalid",
    );
    alarmChecks(alarms, checks);
    const stopping = [...unreadable.map(({ error }) => error), ...checks.filter(isStopping).map(checkError)];
    return { rendered, revision, checks, broken: [...invalid, ...failed], stopping };
  };

  const begin: Quality["begin"] = async (isNew = false) => {
    if (isNew || !hasBegun) await rejectRates.begin(warehouse);
    hasBegun = true;
  };

  return {
    begin,
    assess,
    log: (checks, rendered) =>
      checkLog.write(checks, new Map(rendered.map(({ name, sha256 }) => [name, sha256]))),
    note: async (result) => {
      noted = { generation: generationOf(await warehouse.revision()), result };
    },
    add: (ingested) => rejectRates.add(ingested),
    close: silverChecks.close,
  };
}

/** The part of a revision that is another one after the warehouse was filled anew. */
export const generationOf = (revision: string): string => revision.split(".")[0]!;
