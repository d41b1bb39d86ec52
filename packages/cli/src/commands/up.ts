import { fileURLToPath } from "node:url";
import { runAggregator } from "@ingot/aggregator";
import { runCleaner } from "@ingot/cleaner";
import {
  type Command,
  type CommandContext,
  createWaker,
  GATHER_MS,
  lakeLocation,
  type ServiceContext,
  withoutSummary,
} from "@ingot/common";
import { runGenerator } from "@ingot/generator";
import { addCounts, noCounts } from "@ingot/pipelines";
import { createProgress, type Totals } from "../progress.ts";

export const upCommand: Command = {
  name: "up",
  summary: "Run everything in one process: generator, cleaner, aggregator, scheduler, dashboard.",
  description: `A simulated shop writes raw files into bronze; the cleaner and the aggregator turn them into silver and
gold, again and again, and the dashboard shows it on http://127.0.0.1:8080. Pipelines whose files lie in
bronze run when they are due. The services meet only on storage, as they would on several machines.

With --no-generator only what you put into bronze is worked on: files that you copy into the bronze
folder, or \`ingot import\`.`,
  flags: {
    "no-generator": { help: "no simulated shop; work on your own files" },
    "no-scheduler": { help: "pipelines run by hand alone" },
    "no-dashboard": { help: "no page, and no API" },
  },
  options: [
    "lakeUrl",
    "pollInterval",
    "notifications",
    "businessTimezone",
    "emailHashKey",
    "warehouseUrl",
    "kpiDir",
    "goldHistory",
    "bronzeRetentionDays",
    "quarantineRetentionDays",
    "goldRetentionDays",
    "compactedCsv",
    "pipelines",
    "schedules",
    "scheduleTimezone",
    "generatorSeed",
    "generatorRows",
    "generatorFaults",
    "generatorHistory",
    "dashboardPort",
    "dashboardHost",
    "dashboardToken",
    "currency",
    "openlineageUrl",
    "logLevel",
    "logFormat",
  ],
  examples: [
    "ingot up",
    "ingot up --no-generator --lake /srv/shop",
    "ingot up --rows 1000 --poll-interval 2s",
  ],
  run: up,
};

async function up(context: CommandContext): Promise<void> {
  const { settings, flags, clock, print } = context;
  const { url, buckets } = lakeLocation(settings);
  const base = url.protocol === "file:" ? fileURLToPath(url) : url.href.replace(/\/$/, "");
  print(`Ingot works every ${settings.pollInterval / 1000} s. Ctrl-C stops it.`);
  print(`  lake  ${base}`);
  print(`  gold  ${base}/${buckets.gold}/latest  (CSV for Excel, Power BI, Grafana, …)`);
  if (flags["no-generator"] === true) {
    print(`  Put files into ${base}/${buckets.bronze}, or in another terminal: npx ingot import <files…>`);
  }
  // The dashboard's line follows as soon as it is there.
  if (flags["no-dashboard"] === true) print("");

  const totals: Totals = { ...noCounts(), orders: "0", revenue: "0.00", goldAt: undefined };
  const progress = createProgress(
    {
      isTerminal: process.stdout.isTTY === true,
      columns: process.stdout.columns ?? 100,
      write: context.write,
    },
    clock.now,
  );
  // The figures are the log here; what goes wrong is still said.
  const stop = new AbortController();
  const service = {
    ...context,
    logger: (name: string) => context.logger(name, { usualLevel: "warn", beforeLine: progress.interrupt }),
    // What has been done is among the figures.
    meter: withoutSummary(context.meter),
    signal: AbortSignal.any([context.signal, stop.signal]),
  };
  const show = (): void => progress.show(totals);
  // In one process a service need not wait for its next poll to learn that the one before it has written something.
  const cleanerWaker = createWaker(GATHER_MS);
  const aggregatorWaker = createWaker(GATHER_MS);
  const running = [
    runCleaner(service, {
      once: false,
      waker: cleanerWaker,
      onPass: ({ objects, records }) => {
        if (objects > 0) aggregatorWaker.wake();
        addCounts(totals, records);
        show();
      },
    }),
    runAggregator(service, {
      once: false,
      waker: aggregatorWaker,
      onPass: ({ published, sales }) => {
        totals.orders = sales.orders;
        totals.revenue = sales.revenue;
        if (published > 0) totals.goldAt = clock.now();
        show();
      },
    }),
  ];
  if (flags["no-scheduler"] !== true) running.push(runPipelines(service, progress.interrupt));
  if (flags["no-dashboard"] !== true) running.push(showDashboard(service, progress.interrupt));
  if (flags["no-generator"] !== true) running.push(runGenerator(service, { onPass: cleanerWaker.wake }));
  try {
    await Promise.all(running);
  } finally {
    // Where one could not even start, the others must not keep the process alive.
    stop.abort();
    await Promise.allSettled(running);
    progress.interrupt();
  }
  print("\nStopped. Start again at any time: it goes on where it was.");
}

const SCHEDULER_AFTER_MS = 3_000;

async function runPipelines(
  service: ServiceContext & Pick<CommandContext, "print">,
  interrupt: () => void,
): Promise<void> {
  // The first figures come first.
  await service.clock.sleep(SCHEDULER_AFTER_MS, service.signal);
  if (service.signal.aborted) return;
  const { BATCHES, runScheduler } = await import("@ingot/scheduler");
  await runScheduler(service, {
    once: false,
    batches: BATCHES,
    onEnd: ({ pipeline, status, id }) => {
      interrupt();
      service.print(`  run   ${pipeline} ${status}  (${id})`);
    },
  });
}

async function showDashboard(
  service: ServiceContext & Pick<CommandContext, "print">,
  interrupt: () => void,
): Promise<void> {
  // Loaded while the others work already: its server takes a while.
  const { runDashboard } = await import("@ingot/dashboard");
  await runDashboard(service, {
    onListening: (url) => {
      interrupt();
      service.print(`  page  ${url}  (the same and more, live)\n`);
    },
  });
}
