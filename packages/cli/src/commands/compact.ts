import {
  type Command,
  type CommandContext,
  IngotError,
  lakeLocation,
  messageOf,
  openLake,
} from "@ingot/common";
import {
  type CompactedDay,
  type CompactionReport,
  createCompactor,
  type PrunedDay,
} from "@ingot/pipelines/tables";
import { count } from "../amounts.ts";

export const compactCommand: Command = {
  name: "compact",
  summary: "Write each finished day of silver as one Parquet file.",
  description: `For each dataset and day that is over (UTC) silver gets parquet/<dataset>/dt=<day>/<dataset>.parquet: typed, sorted,
compressed, with the bronze key and the position of each row. \`ingot query\` and \`ingot rebuild\` read it
instead of the day's CSV objects, and so can every other tool. A day that has changed since is compacted
again.

The CSV objects stay, unless COMPACTED_CSV is prune: then they are deleted once their Parquet file is an
hour old, each only if its bytes can be made again from that file.

The aggregator does the same once an hour, while it has nothing else to do. It may be called at any time,
also twice at once, and killed: a file is there whole or not at all.`,
  flags: {},
  options: ["lakeUrl", "compactedCsv", "bucketPrefix", "silverBucket", "s3Endpoint", "logLevel"],
  examples: ["ingot compact", "ingot compact --lake /srv/shop --compacted-csv prune"],
  run: compact,
};

async function compact({ settings, signal, clock, logger, meter, print }: CommandContext): Promise<void> {
  const lake = await openLake(lakeLocation(settings));
  try {
    // What is done is printed; the log is for what goes wrong.
    const log = logger("compactor", { usualLevel: "warn" });
    // Somebody asked for it now: what comes later makes the day a changed one.
    const options = {
      silver: lake.silver,
      quietMs: 0,
      csv: settings.compactedCsv,
      clock,
      logger: log,
      meter,
    };
    const report = await createCompactor(options).pass(signal, (day) => print(lineOf(day)));
    print(`${count(report.days.length)} days compacted, ${count(report.upToDate)} were up to date.`);
    if (settings.compactedCsv === "prune") print(prunedText(report));
    const [first] = report.failures;
    if (!first) return;
    const text = `${report.failures.length} days could not be compacted or pruned. The first: ${first.key}: ${messageOf(first.error)}`;
    throw new IngotError("incomplete", text);
  } catch (error) {
    if (signal.aborted) throw new IngotError("incomplete", "Stopped before all was compacted. Run it again.");
    throw error;
  } finally {
    await lake.close();
  }
}

function lineOf(day: CompactedDay | PrunedDay): string {
  if ("kept" in day) {
    const kept = day.kept.length === 0 ? "" : `, ${count(day.kept.length)} kept: they cannot be made again`;
    return `${day.dataset}/dt=${day.day}/  ${count(day.objects)} CSV objects pruned${kept}`;
  }
  const { key, objects, rows, bytes } = day;
  return `${key}  ${count(objects)} objects, ${count(rows)} rows, ${count(Math.ceil(bytes / 1024))} KB`;
}

function prunedText({ pruned, unpruned }: CompactionReport): string {
  const objects = pruned.reduce((sum, day) => sum + day.objects, 0);
  const later =
    unpruned === 0
      ? ""
      : ` ${count(unpruned)} will be once their Parquet files are an hour old: run it again then.`;
  return `${count(objects)} CSV objects pruned.${later}`;
}
