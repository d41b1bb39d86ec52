import {
  type Command,
  type CommandContext,
  IngotError,
  lakeLocation,
  messageOf,
  openLake,
} from "@ingot/common";
import { createCompactor } from "@ingot/pipelines/tables";

export const compactCommand: Command = {
  name: "compact",
  summary: "Write each finished day of silver as one Parquet file.",
  description: `For each dataset and day that is over (UTC) silver gets parquet/<dataset>/dt=<day>/<dataset>.parquet: typed, sorted,
compressed, with the bronze key and the position of each row. \`ingot query\` reads it instead of the day's
CSV objects, and so can every other tool. The CSV objects stay. A day that has changed since is compacted
again.

The aggregator does the same once an hour, while it has nothing else to do. It may be called at any time,
also twice at once, and killed: a file is there whole or not at all.`,
  flags: {},
  options: ["lakeUrl", "bucketPrefix", "silverBucket", "s3Endpoint", "logLevel"],
  examples: ["ingot compact", "ingot compact --lake /srv/shop"],
  run: compact,
};

async function compact({ settings, signal, clock, logger, meter, print }: CommandContext): Promise<void> {
  const lake = await openLake(lakeLocation(settings));
  try {
    // What is done is printed; the log is for what goes wrong.
    const log = logger("compactor", { usualLevel: "warn" });
    // Somebody asked for it now: what comes later makes the day a changed one.
    const compactor = createCompactor({ silver: lake.silver, quietMs: 0, clock, logger: log, meter });
    const { days, upToDate, failures } = await compactor.pass(signal, ({ key, objects, rows, bytes }) =>
      print(`${key}  ${count(objects)} objects, ${count(rows)} rows, ${count(Math.ceil(bytes / 1024))} KB`),
    );
    print(`${count(days.length)} days compacted, ${count(upToDate)} were up to date.`);
    const [first] = failures;
    if (!first) return;
    const text = `${failures.length} days could not be compacted. The first: ${first.key}: ${messageOf(first.error)}`;
    throw new IngotError("incomplete", text);
  } catch (error) {
    if (signal.aborted) throw new IngotError("incomplete", "Stopped before all was compacted. Run it again.");
    throw error;
  } finally {
    await lake.close();
  }
}

const count = (value: number): string => value.toLocaleString("en-US");
