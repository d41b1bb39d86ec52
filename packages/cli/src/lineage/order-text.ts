import type { SilverOrigin } from "@ingot/pipelines";
import { cut, printable } from "../query/text-table.ts";
import type { Bronze, OrderLineage, OrderVersion, RecordFate } from "./order-lineage.ts";
import type { RejectedVersion } from "./rejected-versions.ts";

/** Of a record of megabytes, no more is shown than people read; --json has all of it. */
const MOST_RAW = 4_000;

/** An order's way back to its raw records, for people. */
export function orderText({ orderId, versions, rejected }: OrderLineage): string {
  const parts = [
    ...versions.map(versionText),
    ...rejected.map(rejectedText),
    ...(rejected.length === 0 ? ["It is not in quarantine."] : []),
  ];
  return [`Order ${printable(orderId)}: ${summary(versions, rejected)}`, ...parts].join("\n\n");
}

function summary(versions: readonly OrderVersion[], rejected: readonly RejectedVersion[]): string {
  if (versions.length === 0) return "in no figure; all of its records were rejected";
  const more = versions.length === 1 ? "one version" : `${versions.length} versions, of which one counts`;
  return rejected.length === 0 ? more : `${more}; ${rejected.length} rejected`;
}

function versionText(version: OrderVersion): string {
  const { bronzeKey, silverKey, row, values, origin, isPruned, bronze, takenInAt } = version;
  const cells = Object.entries(values).map(([name, value]) => `${name} ${value === "" ? "(none)" : value}`);
  return block(standingText(version), [
    ["bronze", `${bronzeKey}${origin.bronzeEtag === undefined ? "" : `, ETag ${origin.bronzeEtag}`}`],
    ...bronzeLines(bronze),
    [
      "silver",
      `${silverKey}, row ${row}${isPruned ? " (its CSV was pruned; out of its day's Parquet file)" : ""}`,
    ],
    ["row", cells.join(", ")],
    ["cleaned", cleanedText(origin)],
    ["gold", takenInText(takenInAt)],
  ]);
}

function standingText({ standing }: OrderVersion): string {
  if (standing.kind === "counts") return "This version counts";
  if (standing.kind === "older") return `Older: there is one with order_ts ${standing.newest}`;
  return `As old as the one that counts, but stands earlier: ${standing.later} is the greater bronze key`;
}

export function cleanedText({ cleanedAt, codeVersion }: SilverOrigin): string {
  const at = cleanedAt ?? "at a time that is not known";
  return `${at} by ${codeVersion === undefined ? "an Ingot that did not write down its version" : `Ingot ${codeVersion}`}`;
}

export function takenInText(takenInAt: OrderVersion["takenInAt"]): string {
  if (takenInAt === "unknown") return "not known: the warehouse is not on this machine (WAREHOUSE_URL)";
  if (takenInAt === undefined) return "not taken in yet: the aggregator does it at its next poll";
  return `taken in ${takenInAt}`;
}

function bronzeLines(bronze: Bronze): [string, string][] {
  if (bronze.kind === "gone")
    return [["raw", "the bronze object is gone (BRONZE_RETENTION_DAYS?); silver's row is what is left"]];
  const { isChanged, etag, records, isSameRow } = bronze;
  const notes: [string, string][] = [];
  if (isChanged)
    notes.push(["", `changed since it was cleaned: its ETag is ${etag} now. Below stands what it has now.`]);
  if (records.length === 0) notes.push(["raw", "the order is not in the bronze object as it is now"]);
  else if (!isSameRow && !isChanged)
    notes.push([
      "",
      "by the rules and options of this command its row would be another one (BUSINESS_TIMEZONE?)",
    ]);
  return [...notes, ...records.flatMap(recordLines)];
}

function recordLines({ place, raw, fate }: RecordFate): [string, string][] {
  return [
    [place, fateText(fate)],
    ["", rawText(raw)],
  ];
}

function fateText(fate: RecordFate["fate"]): string {
  if (fate.kind === "in_silver") return "became silver's row:";
  if (fate.kind === "duplicate") return "a duplicate in the file, older or standing earlier:";
  return `rejected, ${fate.reason}:`;
}

const rawText = (raw: string): string => cut(printable(raw.slice(0, 2 * MOST_RAW)), MOST_RAW);

function rejectedText({ quarantineKey, bronzeKey, place, reason, detail, raw }: RejectedVersion): string {
  return block(`Rejected: ${printable(reason)}${detail === undefined ? "" : `, ${printable(detail)}`}`, [
    ["bronze", bronzeKey],
    [place, rawText(raw)],
    ["kept in", `quarantine, ${quarantineKey}`],
  ]);
}

const LABEL = 10;

/** A title, and lines with labels below it. */
export function block(title: string, lines: readonly [label: string, text: string][]): string {
  const shown = lines.map(([label, text]) => `  ${label.padEnd(LABEL)}${printable(text)}`);
  return [title, ...shown].join("\n");
}
