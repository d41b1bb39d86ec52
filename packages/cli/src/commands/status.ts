import { type Command, columns, lakeLocation, openLake } from "@ingot/common";
import { count } from "../amounts.ts";
import { batchLines } from "../batch/batch-lines.ts";
import { summaryOf } from "../check/describe-checks.ts";
import { type LakeStatus, lakeStatus } from "../lake-status.ts";
import { schemaLines } from "../schema-changes.ts";

export const statusCommand: Command = {
  name: "status",
  summary: "Show what lies in each layer, what waits, and what was rejected and why.",
  description: `Objects and rows in bronze, silver, quarantine and gold; the backlog of the cleaner and the aggregator, and
its age; what the checks found; how files have changed their shape; rejected records by reason. Of pipelines
that work in batches: files, rejected records, the newest run, what is published. It changes nothing and may
be called at any time.`,
  flags: { json: { help: "print everything as JSON" } },
  options: ["lakeUrl", "warehouseUrl"],
  examples: ["ingot status", "ingot status --json"],
  run: async ({ settings, flags, clock, print }) => {
    const lake = await openLake(lakeLocation(settings));
    try {
      const status = await lakeStatus(lake, settings, clock.now());
      print(flags.json === true ? JSON.stringify(status, undefined, 2) : describe(status));
    } finally {
      await lake.close();
    }
  },
};

function describe(status: LakeStatus): string {
  const { lake, layers, datasets, backlog, schemas, rejects, unrecognised, kpis, checks, pipelines } = status;
  const rows = {
    bronze: "records read",
    silver: "clean rows",
    quarantine: "rejected records",
    gold: "rows in KPIs",
  };
  const layerLines = Object.entries(layers).map(
    ([name, layer]) =>
      `  ${name.padEnd(11)}${count(layer.objects).padStart(9)} objects${count(layer.rows).padStart(13)} ${rows[name as keyof typeof rows]}`,
  );
  const datasetLines = Object.entries(datasets).map(
    ([name, { read, kept, rejected, duplicates }]) =>
      `  ${name.padEnd(11)}${count(read).padStart(9)} read = ${count(kept)} kept + ${count(rejected)} rejected + ${count(duplicates)} duplicates`,
  );
  const updated = Object.values(kpis)
    .map(({ updated_at }) => updated_at)
    .sort()
    .at(-1);
  const reasonLines = Object.entries(rejects).map(([left, records]) => ({ left, right: count(records) }));
  return [
    `Lake ${lake}`,
    "",
    ...layerLines,
    "",
    ...datasetLines,
    "",
    `Waiting for the cleaner: ${count(backlog.bronze)} objects; for the aggregator: ${count(backlog.silver)} objects; lag ${backlog.lag_seconds} s`,
    updated === undefined ? "Gold has no KPIs yet." : `Gold changed last at ${updated}.`,
    ...(checks.length > 0 ? summaryOf(checks) : []),
    ...schemaLines(schemas),
    ...(reasonLines.length > 0 ? ["", "Rejected, by reason:", columns(reasonLines)] : []),
    ...(unrecognised.length > 0
      ? ["", `Left alone, not recognised: ${unrecognised.slice(0, 5).join(", ")}`]
      : []),
    ...Object.entries(pipelines).flatMap(([name, pipeline]) => ["", ...batchLines(name, pipeline)]),
  ].join("\n");
}
