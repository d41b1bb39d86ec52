import type { Command } from "@ingot/common";
import { BATCHES } from "./all-batches.ts";
import { runScheduler } from "./scheduler.ts";

/** `ingot schedule`, and the scheduler as a service of its own. */
export const scheduleCommand: Command = {
  name: "schedule",
  summary: "Run the pipelines when they are due, or when their files arrive.",
  description: `Each pipeline has a schedule of its own: times in the form of cron, new files in bronze, or both; \`ingot run\`
lists them. What was missed while it did not run is made up for by one run. No pipeline runs twice at the
same time, however many schedulers there are. What fails for a reason that may pass is tried again; what
fails for good raises an alarm. A pipeline without any file in bronze is left alone.

Runs are kept in gold, <pipeline>/_runs; \`ingot runs\` shows them.`,
  flags: { once: { help: "run what is due now, then exit" } },
  options: [
    "lakeUrl",
    "pollInterval",
    "pipelines",
    "schedules",
    "scheduleTimezone",
    "runNotifications",
    "goldHistory",
    "currency",
    "logLevel",
    "logFormat",
  ],
  examples: [
    "ingot schedule",
    "ingot schedule --pipelines sme-sales,wine-merchant --schedule-timezone Europe/Paris",
    'ingot schedule --schedules "wine-merchant=0 9 15 * *; retail-stores=off"',
  ],
  run: (context) => runScheduler(context, { once: context.flags.once === true, batches: BATCHES }),
};
