import {
  type Command,
  type Heartbeat,
  type Lake,
  lakeLocation,
  type Metrics,
  meterObjects,
  NO_HEARTBEAT,
  NO_METRICS,
  observedLake,
  openLake,
  type PollingOptions,
  pollWatching,
  type ServiceContext,
} from "@ingot/common";
import { ECOMMERCE, loadModels } from "@ingot/pipelines";
import { openWarehouse } from "@ingot/warehouse";
import type { Aggregator, AggregatorReport } from "./aggregator.ts";
import { createIdleCompaction } from "./idle-compaction.ts";
import { createIdleReconciliation } from "./idle-reconciliation.ts";
import { createObservedAggregator } from "./observed-aggregator.ts";
import { createToldAggregator } from "./told-aggregator.ts";

/** `ingot aggregate`, and the aggregator as a service of its own. */
export const aggregateCommand: Command = {
  name: "aggregate",
  summary: "Keep the KPIs in gold up to date with silver.",
  description: `New silver objects are taken into the warehouse, one SQLite file with the whole history, in small steps.
Each KPI is a .sql file over its tables. Gold is written only when a KPI changed: <kpi>/<kpi>_<time>.csv,
then latest/<kpi>.csv with the same bytes, then latest/manifest.json.

Your own KPIs: put .sql files into a folder and name it in KPI_DIR. Checks are declared beside them in .yml
files; where one of severity error fails, gold stays as it is.
Without --once it keeps running: it looks again at every poll interval, and at once where the storage
tells of new objects.`,
  flags: { once: { help: "take in everything that is pending, bring gold up to date, then exit" } },
  options: [
    "lakeUrl",
    "pollInterval",
    "notifications",
    "warehouseUrl",
    "kpiDir",
    "goldHistory",
    "goldRetentionDays",
    "compactedCsv",
    "reconcileInterval",
    "openlineageUrl",
    "logLevel",
    "logFormat",
  ],
  examples: ["ingot aggregate --once", "ingot aggregate --kpi-dir ./kpis"],
  run: (context) => runAggregator(context, { once: context.flags.once === true }),
};

/** Runs the aggregator until it is stopped, or with `once` until nothing is pending. */
export async function runAggregator(
  context: ServiceContext,
  { once, ...hooks }: { once: boolean } & Pick<PollingOptions<AggregatorReport>, "onPass" | "waker">,
): Promise<void> {
  const { settings, signal, clock } = context;
  const { notifications, compactedCsv: csv } = settings;
  const intervalMs = settings[ECOMMERCE.schedule.continuous];
  const logger = context.logger("aggregator");
  const heartbeat = once ? NO_HEARTBEAT : await context.heartbeat("aggregator");
  const metrics = once ? NO_METRICS : await context.metrics("aggregator");
  await withAggregator(
    context,
    async ({ pass, hint, reconcile }, lake) => {
      const everyMs = settings.reconcileInterval;
      const idleWork = [
        createIdleCompaction({ silver: lake.silver, csv, clock, logger }),
        createIdleReconciliation({ reconcile, everyMs, clock, logger }),
      ];
      const onPass = (report: AggregatorReport): void => {
        hooks.onPass?.(report);
        if (!once) for (const work of idleWork) work.onPass(report);
      };
      const options = { ...hooks, onPass, pass, once, intervalMs, signal, clock, logger, heartbeat, metrics };
      try {
        await pollWatching({ lake, layer: "silver", notifications, onHint: hint }, options);
      } finally {
        await Promise.all(idleWork.map((work) => work.close()));
      }
    },
    { heartbeat, metrics, isService: !once },
  );
}

/** Opens what an aggregator needs, and closes it after the work. */
export async function withAggregator<T>(
  { settings, clock, logger, meter, alarms, lineage }: ServiceContext,
  work: (aggregator: Aggregator, lake: Lake) => Promise<T>,
  {
    heartbeat = NO_HEARTBEAT,
    metrics = NO_METRICS,
    isService = false,
  }: { heartbeat?: Heartbeat; metrics?: Metrics; isService?: boolean } = {},
): Promise<T> {
  const log = logger("aggregator");
  const folders = [...ECOMMERCE.models, ...(settings.kpiDir === undefined ? [] : [settings.kpiDir])];
  // A folder that is not there is a mistake to mend before anything starts.
  await loadModels(folders);
  const location = lakeLocation(settings);
  const lake = await openLake(location, metrics);
  try {
    const warehouse = openWarehouse(settings, (message) => log.warn(message));
    try {
      const { goldHistory, goldRetentionDays } = settings;
      const aggregator = createToldAggregator(
        (options) => createObservedAggregator(options, metrics),
        {
          lake: observedLake(lake, heartbeat, metrics),
          warehouse,
          loadModels: () => loadModels(folders),
          goldHistory,
          goldRetentionDays,
          clock,
          logger: log,
          alarms: alarms("aggregator", log),
          isThorough: !isService,
          meter: meterObjects(meter, { title: "taking in", past: "took in", isService }),
        },
        { job: await lineage("aggregate"), location },
      );
      try {
        return await work(aggregator, lake);
      } finally {
        await aggregator.close();
      }
    } finally {
      await warehouse.close();
    }
  } finally {
    await lake.close();
  }
}
