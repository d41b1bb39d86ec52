import { count, counted } from "../amounts.ts";
import { tableLines } from "../query/text-table.ts";
import type { GoldLineage } from "./gold-lineage.ts";
import { block } from "./order-text.ts";
import type { VersionSilver } from "./warehouse-objects.ts";

/** What a version of a KPI came from, for people. */
export function goldText(lineage: GoldLineage): string {
  const { kpi, key, isLatest, writtenAt, rows, sha256, origin, silver } = lineage;
  const by = origin === undefined ? "" : ` by Ingot ${origin.code_version}`;
  const head = block(`KPI ${kpi}, ${isLatest ? "the version that latest/ shows" : "an earlier version"}`, [
    ["gold", key],
    ["written", `${writtenAt}${by}`],
    ["content", `${counted(rows, "row")}, SHA-256 ${sha256}`],
    ...sqlLines(lineage),
    ["silver", silverText(origin, silver)],
  ]);
  return silver ? [head, ...silverLines(silver)].join("\n") : head;
}

function sqlLines({ origin, sqlNow }: GoldLineage): [string, string][] {
  const now = sqlNow && `${sqlNow.path}, SHA-256 ${sqlNow.sha256}`;
  if (!origin) return [["SQL", `not written down by the Ingot that made it; now ${now ?? "there is none"}`]];
  const then: [string, string] = ["SQL", `${origin.sql.file}, SHA-256 ${origin.sql.sha256}`];
  if (!sqlNow) return [then, ["", "there is no such KPI here now (KPI_DIR?)"]];
  return sqlNow.sha256 === origin.sql.sha256 ? [["SQL", now!]] : [then, ["", `another one by now: ${now}`]];
}

function silverText(origin: GoldLineage["origin"], silver: VersionSilver | undefined): string {
  const recorded = origin?.silver;
  const told =
    recorded && `all ${counted(recorded.objects, "object")} taken in until ${recorded.ingested_at}`;
  if (!silver) {
    const missing = "the warehouse, which lists them, is not on this machine (WAREHOUSE_URL)";
    return told === undefined ? missing : `${told}; ${missing}`;
  }
  if (!recorded)
    return "not written down by the Ingot that made it; below stand all objects that the warehouse has now";
  if (silver.basis === "exact") return told!;
  const difference = recorded.objects - silver.objects;
  const found =
    difference === 0
      ? "all of them are found by that time"
      : `${count(silver.objects)} of them are found by that time, the others were cleaned again or are gone since`;
  return `${told}. The warehouse was filled anew since; ${found}`;
}

function silverLines({ byDataset, listed, objects }: VersionSilver): string[] {
  const totals = tableLines({
    columns: [text("dataset"), number("objects"), number("rows")],
    rows: byDataset.map((of) => [of.dataset, count(of.objects), count(of.rows)]),
    width: undefined,
  }).lines;
  const newest = tableLines({
    columns: [text("taken in"), text("dataset"), number("rows"), text("silver key"), text("bronze key")],
    rows: listed.map(({ takenInAt, dataset, rows, silverKey, bronzeKey }) => [
      takenInAt,
      dataset,
      count(rows),
      silverKey,
      bronzeKey,
    ]),
    width: undefined,
  }).lines;
  const more =
    listed.length < objects
      ? [`(the newest ${count(listed.length)} of ${counted(objects, "object")}; --all shows all)`]
      : [];
  return ["", ...totals, "", ...newest, ...more];
}

const text = (name: string) => ({ name, kind: "text" as const });
const number = (name: string) => ({ name, kind: "number" as const });
