import {
  type Command,
  lakeLocation,
  meterObjects,
  NO_HEARTBEAT,
  NO_METRICS,
  observedLake,
  openLake,
  type PollingOptions,
  pollWatching,
  type ServiceContext,
  toldPass,
} from "@ingot/common";
import { ECOMMERCE } from "@ingot/pipelines";
import { type CleanerReport, createCleaner } from "./cleaner.ts";
import { withRetention } from "./retention.ts";
import { runDataOf } from "./run-data.ts";

/** `ingot clean`, and the cleaner as a service of its own. */
export const cleanCommand: Command = {
  name: "clean",
  summary: "Clean what is new in bronze into silver, and what must be rejected into quarantine.",
  description: `Every object in bronze whose name starts with customers, orders or clicks and ends in .csv, .json,
.jsonl, .ndjson or .txt (also with .gz) becomes one silver object: corrected, typed, without names,
e-mails and IP addresses. Records that cannot be corrected go to quarantine, each with its reason.

Without --once it keeps running: it looks again at every poll interval, and at once where the storage
tells of new objects. Run as many as you like.

With retention options it also deletes what is too old in bronze and quarantine, unless the store does so
by itself (\`ingot init\`): never a file that was not cleaned, and nothing in silver.`,
  flags: { once: { help: "work off everything that is pending, then exit" } },
  options: [
    "lakeUrl",
    "pollInterval",
    "notifications",
    "businessTimezone",
    "emailHashKey",
    "cleanerConcurrency",
    "bronzeRetentionDays",
    "quarantineRetentionDays",
    "openlineageUrl",
    "logLevel",
    "logFormat",
  ],
  examples: ["ingot clean --once", "LAKE_URL=s3:// S3_ENDPOINT=http://127.0.0.1:9000 ingot clean"],
  run: (context) => runCleaner(context, { once: context.flags.once === true }),
};

/** Runs the cleaner until it is stopped, or with `once` until nothing is pending. */
export async function runCleaner(
  context: ServiceContext,
  { once, ...hooks }: { once: boolean } & Pick<PollingOptions<CleanerReport>, "onPass" | "waker">,
): Promise<void> {
  const { settings, signal, clock } = context;
  const log = context.logger("cleaner");
  const heartbeat = once ? NO_HEARTBEAT : await context.heartbeat("cleaner");
  const metrics = once ? NO_METRICS : await context.metrics("cleaner");
  const location = lakeLocation(settings);
  const lake = await openLake(location, metrics);
  try {
    if (!once) await lake.removeLeftovers();
    const told = toldPass<CleanerReport>((stop) => cleaner.pass(stop), {
      job: await context.lineage("clean"),
      dataOf: async (report) => runDataOf(report, location),
      logger: log,
    });
    const meter = meterObjects(context.meter, { title: "cleaning", past: "cleaned", isService: !once });
    const cleaner = createCleaner({
      lake: observedLake(lake, heartbeat, metrics),
      businessTimezone: settings.businessTimezone,
      emailHashKey: settings.emailHashKey,
      concurrency: settings.cleanerConcurrency,
      clock,
      logger: log,
      alarms: context.alarms("cleaner", log),
      meter: told.metered(meter),
      metrics,
    });
    const { notifications } = settings;
    const intervalMs = settings[ECOMMERCE.schedule.continuous];
    await withRetention(context, { location, lake, logger: log, once }, () =>
      pollWatching(
        { lake, layer: "bronze", notifications, onHint: cleaner.hint },
        { ...hooks, pass: told.pass, once, intervalMs, signal, clock, logger: log, heartbeat, metrics },
      ),
    );
  } finally {
    await lake.close();
  }
}
