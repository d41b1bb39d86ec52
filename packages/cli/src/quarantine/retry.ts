import { type AnewObject, createCleaner } from "@ingot/cleaner";
import {
  type CommandContext,
  IngotError,
  inParallel,
  type Lake,
  messageOf,
  meterObjects,
} from "@ingot/common";
import { addCounts, batchPipelineOf, type CleanCounts, ECOMMERCE, noCounts } from "@ingot/pipelines";
import { count, counted } from "../amounts.ts";
import { printable } from "../query/text-table.ts";
import {
  type Choice,
  type CountedObject,
  countedObjects,
  findRejected,
  PARALLEL,
  reasonsText,
  withCounts,
} from "./rejected-objects.ts";

export interface RetryRequest extends Choice {
  /** Bronze keys or keys in quarantine; none to choose by dataset and reason. */
  keys: readonly string[];
}

type Retried = Pick<CommandContext, "settings" | "signal" | "clock" | "logger" | "meter" | "print">;

/**
 * Cleans the bronze objects of rejected records anew, and tells what became of each.
 *
 * @throws IngotError `incomplete` where some could not be cleaned, `object_missing` for a key that is not in quarantine,
 *   and those of the storage
 */
export async function retry(lake: Lake, { keys, ...choice }: RetryRequest, context: Retried): Promise<void> {
  const { print, signal } = context;
  const chosen =
    keys.length > 0
      ? await named(lake, keys, context)
      : await countedObjects(lake, { ...choice, pipeline: ECOMMERCE.name }, context.clock);
  if (chosen.length === 0) {
    print("Quarantine has no such records: nothing to clean anew.");
    return;
  }
  const objects = await cleanable(lake, chosen);
  const before = new Map(chosen.map((object) => [object.bronzeKey, object]));
  const total = noCounts();
  const cleaned = new Set<string>();
  let more = 0;
  const onCleaned = (key: string, counts: CleanCounts): void => {
    const gained = counts.kept - (before.get(key)?.counts.kept ?? 0);
    cleaned.add(key);
    addCounts(total, counts);
    more += gained;
    print(`${printable(key)}: ${outcome(gained, counts)}`);
  };
  const { failures } = await cleanerOf(lake, context).cleanAnew(objects, signal, onCleaned);
  const failed = new Set(failures.map(({ key }) => key));
  for (const { key, error } of failures) print(`${printable(key)}: not cleaned: ${messageOf(error)}`);
  const gone = chosen.filter(({ bronzeKey }) => !cleaned.has(bronzeKey) && !failed.has(bronzeKey));
  if (!signal.aborted) {
    for (const { bronzeKey } of gone)
      print(`${printable(bronzeKey)}: not cleaned: its bronze object is gone`);
  }
  const sum = `${counted(cleaned.size, "bronze object")} cleaned anew`;
  if (cleaned.size === 0) print(`${sum}.`);
  else {
    print(`${sum}: ${outcome(more, total)}`);
    print("Services take it into gold by themselves; where none runs: `ingot aggregate --once`");
  }
  if (signal.aborted)
    throw new IngotError("incomplete", "Stopped before all was cleaned anew. Run it again.");
  failOn(failed.size, gone);
}

async function named(lake: Lake, keys: readonly string[], { clock }: Retried): Promise<CountedObject[]> {
  const found = await inParallel(keys, PARALLEL, (key) => findRejected(lake, key));
  for (const { bronzeKey, dataset } of found) if (!dataset) throw ofBatch(bronzeKey);
  const once = new Map(found.map((object) => [object.bronzeKey, object]));
  return withCounts(lake, [...once.values()], clock);
}

/** A run reads files anew by itself, where they or the rules have changed. */
function ofBatch(bronzeKey: string): IngotError {
  const name = batchPipelineOf(bronzeKey);
  const text = `${printable(bronzeKey)} is ${name}'s, which has no retry: mend the file, and \`ingot run ${name}\` reads it anew.`;
  return new IngotError("usage", text);
}

/** Those whose bronze object is still there. */
async function cleanable({ bronze }: Lake, chosen: readonly CountedObject[]): Promise<AnewObject[]> {
  const objects = await inParallel(chosen, PARALLEL, async ({ bronzeKey, counts, sourceEtag }) => {
    const raw = await bronze.stat(bronzeKey);
    if (!raw) return [];
    return [{ ...raw, rejectedBefore: raw.etag === sourceEtag ? counts.rejected : undefined }];
  });
  return objects.flat();
}

function cleanerOf(lake: Lake, { settings, clock, logger, meter }: Retried) {
  const { businessTimezone, emailHashKey, cleanerConcurrency: concurrency } = settings;
  return createCleaner({
    lake,
    businessTimezone,
    emailHashKey,
    concurrency,
    clock,
    // What is done is printed; the log is for what goes wrong.
    logger: logger("cleaner", { usualLevel: "warn" }),
    meter: meterObjects(meter, { title: "cleaning" }),
  });
}

/** @param gained rows that silver has more than before */
function outcome(gained: number, { rejected, reasons }: CleanCounts): string {
  const kept =
    gained < 0 ? `${counted(-gained, "record")} fewer kept` : `${counted(gained, "record")} kept now`;
  return `${kept}, ${count(rejected)} still rejected${rejected === 0 ? "" : ` (${reasonsText(reasons)})`}`;
}

/** @throws IngotError `incomplete` where something was not cleaned */
function failOn(failures: number, gone: readonly CountedObject[]): void {
  const texts: string[] = [];
  if (failures > 0) texts.push(`${counted(failures, "bronze object")} could not be cleaned. Run it again.`);
  const [first] = gone;
  if (first) {
    texts.push(
      `${counted(gone.length, "bronze object")} ${gone.length === 1 ? "is" : "are"} gone, so nothing can be cleaned anew. The records ` +
        "are in quarantine: write them to a file (`ingot quarantine show --json <key> > rejected.jsonl`), mend their raw texts, and `ingot import` those.",
    );
  }
  if (texts.length > 0) throw new IngotError("incomplete", texts.join("\n"));
}
