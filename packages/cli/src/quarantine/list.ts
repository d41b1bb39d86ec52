import { type Clock, compareKeys, type Lake } from "@ingot/common";
import { ECOMMERCE } from "@ingot/pipelines";
import { count, counted } from "../amounts.ts";
import { tableLines } from "../query/text-table.ts";
import { type Choice, type CountedObject, countedObjects, reasonsText } from "./rejected-objects.ts";

export interface ListRequest extends Choice {
  /** Objects that are listed; `undefined` for all. The totals are always of all. */
  limit: number | undefined;
  json: boolean;
}

interface Total {
  pipeline: string;
  /** Or a pipeline's table. */
  dataset: string;
  reason: string;
  records: number;
  objects: number;
}

/** What lies in quarantine, as text for people or as JSON. @throws IngotError of the storage */
export async function listText(
  lake: Lake,
  { limit, json, ...choice }: ListRequest,
  clock: Clock,
): Promise<string> {
  const objects = await countedObjects(lake, choice, clock);
  const totals = totalsOf(objects, choice.reason);
  const listed = objects.slice(0, limit);
  if (json) return JSON.stringify({ lake: lake.url, totals, objects: listed.map(jsonOf) }, undefined, 2);
  if (objects.length === 0) return emptyText(lake.url, choice);
  const records = totals.reduce((sum, total) => sum + total.records, 0);
  const more =
    listed.length < objects.length
      ? [
          `(the newest ${count(listed.length)} of ${counted(objects.length, "object")}; --limit shows more, --json all)`,
        ]
      : [];
  return [
    `${counted(records, "rejected record")} of ${counted(objects.length, "bronze object")} in ${lake.url}`,
    "",
    ...totalLines(totals),
    "",
    ...objectLines(listed),
    ...more,
  ].join("\n");
}

function emptyText(url: string, { pipeline, dataset, reason }: Choice): string {
  if (pipeline === undefined && dataset === undefined && reason === undefined)
    return `Quarantine is empty in ${url}: nothing was rejected.`;
  const what = [
    pipeline && `of the pipeline ${pipeline}`,
    dataset && `of the dataset ${dataset}`,
    reason && `with the reason ${reason}`,
  ].filter(Boolean);
  return `Quarantine has no records ${what.join(" ")} in ${url}.`;
}

function totalsOf(objects: readonly CountedObject[], reason: string | undefined): Total[] {
  const totals = new Map<string, Total>();
  for (const { pipeline, table, counts } of objects) {
    for (const [name, records] of Object.entries(counts.reasons)) {
      if (reason !== undefined && name !== reason) continue;
      const id = `${pipeline} ${table} ${name}`;
      const total = totals.get(id) ?? { pipeline, dataset: table, reason: name, records: 0, objects: 0 };
      totals.set(id, { ...total, records: total.records + records, objects: total.objects + 1 });
    }
  }
  return [...totals.values()].sort(
    (a, b) =>
      Number(b.pipeline === ECOMMERCE.name) - Number(a.pipeline === ECOMMERCE.name) ||
      compareKeys(a.pipeline, b.pipeline) ||
      compareKeys(a.dataset, b.dataset) ||
      b.records - a.records ||
      compareKeys(a.reason, b.reason),
  );
}

function totalLines(totals: readonly Total[]): string[] {
  const columns = [text("dataset"), text("reason"), number("records"), number("objects")];
  const rows = totals.map(({ pipeline, dataset, reason, records, objects }) => [
    pipeline === ECOMMERCE.name ? dataset : `${pipeline} ${dataset}`,
    reason,
    count(records),
    count(objects),
  ]);
  return tableLines({ columns, rows, width: undefined }).lines;
}

/** Keys are never cut: they are what `show` and `retry` take. */
function objectLines(objects: readonly CountedObject[]): string[] {
  const columns = [
    text("rejected at"),
    number("rejected"),
    number("of read"),
    text("bronze key"),
    text("reasons"),
  ];
  const rows = objects.map(({ modified, counts: { rejected, read, reasons }, bronzeKey }) => [
    `${modified.toISOString().slice(0, 19)}Z`,
    count(rejected),
    read === undefined ? "?" : count(read),
    bronzeKey,
    reasonsText(reasons),
  ]);
  return tableLines({ columns, rows, width: undefined }).lines;
}

const text = (name: string) => ({ name, kind: "text" as const });
const number = (name: string) => ({ name, kind: "number" as const });

const jsonOf = ({
  key,
  bronzeKey,
  pipeline,
  table,
  size,
  modified,
  counts: { read, rejected, reasons },
}: CountedObject) => ({
  bronze_key: bronzeKey,
  quarantine_key: key,
  pipeline,
  dataset: table,
  read,
  rejected,
  reasons,
  bytes: size,
  rejected_at: modified,
});
