import { withAggregator } from "@ingot/aggregator";
import { createCleaner } from "@ingot/cleaner";
import {
  type Command,
  type CommandContext,
  IngotError,
  lakeLocation,
  messageOf,
  meterObjects,
  openLake,
  type PassFailure,
  withoutSummary,
} from "@ingot/common";

export const rebuildCommand: Command = {
  name: "rebuild",
  summary: "Make gold and the warehouse anew from silver, or everything from bronze.",
  description: `From silver (the default): the warehouse is filled anew and gold is brought up to date with it. Use it after
silver was changed by hand, or when you want proof that the figures hold.

From bronze: every bronze object is cleaned anew first. Use it after BUSINESS_TIMEZONE, EMAIL_HASH_KEY or
a rule has changed; days' Parquet files follow. Silver whose bronze object is gone stays as it is: it is
said how much that is, and e-mail hashes in it are those of the earlier EMAIL_HASH_KEY.

Services may keep running meanwhile; readers see the old figures until the new ones are complete.`,
  flags: { from: { value: "LAYER", help: "silver or bronze (default: silver)" } },
  options: ["lakeUrl", "warehouseUrl", "kpiDir", "businessTimezone", "emailHashKey", "cleanerConcurrency"],
  examples: ["ingot rebuild", "BUSINESS_TIMEZONE=Europe/Paris ingot rebuild --from bronze"],
  run: rebuild,
};

async function rebuild(context: CommandContext): Promise<void> {
  const { flags, print, signal } = context;
  const from = flags.from ?? "silver";
  if (from !== "silver" && from !== "bronze") {
    throw new IngotError("usage", `--from is "${from}". Allowed: silver, bronze.`);
  }
  if (from === "bronze") {
    const { objects, records } = await cleanAnew(context);
    print(`${objects} bronze objects cleaned: ${records.kept} rows kept, ${records.rejected} rejected`);
    if (signal.aborted) throw new IngotError("incomplete", "Stopped before all was cleaned. Run it again.");
    await tellWhatStays(context);
  }
  const report = await withAggregator({ ...context, meter: withoutSummary(context.meter) }, (aggregator) =>
    aggregator.rebuild(),
  );
  failOn(report.failures, "taken in");
  if (report.blocked) throw report.blocked;
  print(
    `${report.objects} silver objects taken in: ${report.sales.orders} orders, revenue ${report.sales.revenue}`,
  );
  print(report.published === 0 ? "Gold was right already." : `${report.published} KPIs changed in gold.`);
}

async function cleanAnew({ settings, signal, clock, logger, meter: open }: CommandContext) {
  const lake = await openLake(lakeLocation(settings));
  try {
    const { businessTimezone, emailHashKey, cleanerConcurrency: concurrency } = settings;
    const meter = meterObjects(open, { title: "cleaning" });
    const rules = { businessTimezone, emailHashKey };
    const options = { lake, ...rules, concurrency, clock, logger: logger("cleaner"), meter };
    const report = await createCleaner(options).cleanAll(signal);
    failOn(report.failures, "cleaned");
    return report;
  } finally {
    await lake.close();
  }
}

/** Makes the Parquet files of days that were cleaned anew follow, and says what could not be. */
async function tellWhatStays({ settings, signal, print }: CommandContext): Promise<void> {
  // Loaded here only: a rebuild from silver does without it.
  const { compactCleanedAnew, silverWithoutBronze } = await import("../forget/cleaned-anew.ts");
  const lake = await openLake(lakeLocation(settings));
  try {
    const days = await compactCleanedAnew(lake.silver, signal);
    if (days > 0) print(`${days} days compacted anew.`);
    const { objects, customers } = await silverWithoutBronze(lake);
    if (objects === 0) return;
    print(
      `${objects} silver objects stay as they were, because their raw files are gone. ${customers} of them hold customers: their ` +
        "e-mail hashes were made with the EMAIL_HASH_KEY of that time.",
    );
  } finally {
    await lake.close();
  }
}

function failOn(failures: readonly PassFailure[], done: string): void {
  const [first] = failures;
  if (!first) return;
  const message = `${failures.length} objects could not be ${done}. The first: ${messageOf(first.error)}`;
  throw new IngotError("incomplete", message);
}
