import { type CommandContext, compareKeys, IngotError, inParallel, type Lake } from "@ingot/common";
import { csvLine } from "@ingot/engine";
import { DATASETS } from "@ingot/pipelines";
import { type BronzeRecord, type BronzeState, bronzeRecords } from "./bronze-records.ts";
import { type RejectedVersion, rejectedVersions } from "./rejected-versions.ts";
import { type SilverVersion, silverVersions } from "./silver-versions.ts";
import { takenIn } from "./warehouse-objects.ts";

/** Why a version of an order does not count (contract: e-commerce, section 2). */
export type Standing =
  | { kind: "counts" }
  /** Another version has a greater order_ts. */
  | { kind: "older"; newest: string }
  /** Another version has the same order_ts, and its bronze key is greater. */
  | { kind: "earlier"; later: string };

/** A raw record, and what became of it. */
export interface RecordFate extends Pick<BronzeRecord, "place" | "raw"> {
  fate:
    | { kind: "in_silver" }
    /** The same file has a version with a greater order_ts, or with the same one further down. */
    | { kind: "duplicate" }
    | { kind: "rejected"; reason: string };
}

export type Bronze =
  | { kind: "gone" }
  | {
      kind: "there";
      etag: string;
      /** True where it is not what silver was made of. */
      isChanged: boolean;
      records: RecordFate[];
      /** True where the rules and options of today make the very row of it that silver has. */
      isSameRow: boolean;
    };

export interface OrderVersion extends SilverVersion {
  standing: Standing;
  bronze: Bronze;
  /** When the warehouse took its object in; `undefined` where it has not, `unknown` where there is no warehouse here. */
  takenInAt: string | undefined | "unknown";
}

export interface OrderLineage {
  orderId: string;
  /** The one that counts first. */
  versions: OrderVersion[];
  rejected: RejectedVersion[];
}

/** Walks back from an order to its raw records. @throws IngotError `object_missing`, and of the storage */
export async function orderLineage(
  lake: Lake,
  orderId: string,
  context: CommandContext,
): Promise<OrderLineage> {
  const found = (await silverVersions(lake, orderId, context)).sort(newestFirst);
  const rejected = await rejectedVersions(lake, orderId, context);
  if (found.length === 0 && rejected.length === 0) throw unknownOrder(orderId, lake.url);
  const known = await takenIn(
    context.settings,
    found.map(({ silverKey }) => silverKey),
  );
  const versions = await inParallel(found, FILES_AT_ONCE, async (version): Promise<OrderVersion> => {
    const state = await bronzeRecords(lake.bronze, version.bronzeKey, orderId, context.settings);
    const standing = standingOf(version, found[0]!);
    return { ...version, standing, bronze: bronzeOf(version, state), takenInAt: takenInAt(version, known) };
  });
  return { orderId, versions, rejected };
}

/** They may be large. */
const FILES_AT_ONCE = 2;

const tsOf = ({ values }: SilverVersion): string => values.order_ts ?? "";

function newestFirst(a: SilverVersion, b: SilverVersion): number {
  return compareKeys(tsOf(b), tsOf(a)) || compareKeys(b.bronzeKey, a.bronzeKey);
}

function standingOf(version: SilverVersion, newest: SilverVersion): Standing {
  if (version === newest) return { kind: "counts" };
  if (tsOf(version) !== tsOf(newest)) return { kind: "older", newest: tsOf(newest) };
  return { kind: "earlier", later: newest.bronzeKey };
}

function takenInAt(
  { silverKey }: SilverVersion,
  known: ReadonlyMap<string, string> | undefined,
): OrderVersion["takenInAt"] {
  return known ? known.get(silverKey) : "unknown";
}

function bronzeOf({ origin, values }: SilverVersion, state: BronzeState): Bronze {
  if (state.kind === "gone") return state;
  const { etag, records } = state;
  const kept = keptOf(records);
  const row = csvLine(DATASETS.orders.silverColumns.map((column) => values[column] ?? ""));
  return {
    kind: "there",
    etag,
    isChanged: origin.bronzeEtag !== undefined && origin.bronzeEtag !== etag,
    records: records.map((record) => fateOf(record, kept)),
    isSameRow: kept !== undefined && "row" in kept.outcome && kept.outcome.row === row,
  };
}

/** The record that stays of those with one id in one file: the newest, the last of several. */
function keptOf(records: readonly BronzeRecord[]): BronzeRecord | undefined {
  let kept: { record: BronzeRecord; version: readonly [number, number] } | undefined;
  for (const record of records) {
    if (!("row" in record.outcome)) continue;
    const { version } = record.outcome;
    const isOlder = kept && (version[0] - kept.version[0] || version[1] - kept.version[1]) < 0;
    if (!isOlder) kept = { record, version };
  }
  return kept?.record;
}

function fateOf(record: BronzeRecord, kept: BronzeRecord | undefined): RecordFate {
  const { place, raw, outcome } = record;
  if ("reason" in outcome) return { place, raw, fate: { kind: "rejected", reason: outcome.reason } };
  return { place, raw, fate: { kind: record === kept ? "in_silver" : "duplicate" } };
}

function unknownOrder(orderId: string, url: string): IngotError {
  return new IngotError(
    "object_missing",
    `There is no order ${JSON.stringify(orderId)} in silver or quarantine of ${url}. Ids are compared exactly, capitals included. ` +
      "`ingot status` shows whether files wait to be cleaned; `ingot clean --once` cleans them.",
  );
}
