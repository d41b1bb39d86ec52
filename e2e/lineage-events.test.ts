import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { checkEvent } from "../packages/common/test/openlineage/check-event.ts";
import { eventsOf, openReceiver } from "../packages/common/test/openlineage/receiver.ts";
import { emptyShop } from "./quarantine-support.ts";

interface Told {
  name: string;
  inputFacets?: { inputStatistics?: { rowCount: number; fileCount: number } };
  outputFacets?: { outputStatistics?: { rowCount: number } };
}

const TICKS = ["generate", "--ticks", "2", "--seed", "12", "--rows", "60", "--faults", "0.03"];

it("each run of a service is told, with what it read and wrote, and without anybody's data", async () => {
  const receiver = await openReceiver();
  const shop = emptyShop({ OPENLINEAGE_URL: receiver.url, OPENLINEAGE_NAMESPACE: "acme" });
  const { lake, run, ask } = shop;
  await run(...TICKS);
  await run("clean", "--once");
  await run("aggregate", "--once");
  // There is nothing to do any more.
  await Promise.all([run("clean", "--once"), run("aggregate", "--once")]);
  const events = eventsOf(receiver);
  for (const event of events) checkEvent(event);
  expect(events.map(({ job, eventType }) => `${job.namespace} ${job.name} ${eventType}`)).toEqual([
    "acme ingot.clean START",
    "acme ingot.clean COMPLETE",
    "acme ingot.aggregate START",
    "acme ingot.aggregate COMPLETE",
  ]);

  const layer = (name: string): string => path.join(lake.folder, name);
  const { datasets } = JSON.parse(await run("status", "--json"));
  const [, cleaned, , aggregated] = events as unknown as { inputs: Told[]; outputs: Told[] }[];
  const rowsOf = (told: readonly Told[]) =>
    Object.fromEntries(
      told.map(({ name, inputFacets, outputFacets }) => [
        name,
        (inputFacets?.inputStatistics ?? outputFacets?.outputStatistics)?.rowCount,
      ]),
    );
  const expected = (name: string, count: string) =>
    Object.entries(datasets as Record<string, Record<string, number>>)
      .map(([dataset, counts]) => [`${layer(name)}/${dataset}`, counts[count]] as const)
      .filter(([, rows]) => rows !== 0);
  const kpis = JSON.parse(lake.read("gold/latest/manifest.json")).kpis as Record<string, { rows: number }>;
  expect(rowsOf(cleaned!.inputs)).toEqual(Object.fromEntries(expected("bronze", "read")));
  expect(rowsOf(cleaned!.outputs)).toEqual(
    Object.fromEntries([...expected("silver", "kept"), ...expected("quarantine", "rejected")]),
  );
  expect(rowsOf(aggregated!.inputs)).toEqual(Object.fromEntries(expected("silver", "kept")));
  expect(rowsOf(aggregated!.outputs)).toEqual(
    Object.fromEntries(Object.entries(kpis).map(([name, { rows }]) => [`${layer("gold")}/${name}`, rows])),
  );

  const told = JSON.stringify(events);
  const raw = lake.files("bronze").map((file) => lake.read(`bronze/${file}`));
  const values = raw.flatMap(
    (text) => text.match(/[\w.+-]+@[\w.-]+|\b[CO]-[\w-]{8,}|\b\d+\.\d+\.\d+\.\d+\b/g) ?? [],
  );
  expect(values.length).toBeGreaterThan(100);
  for (const value of new Set(values)) expect(told).not.toContain(value);

  // A KPI that cannot be made is a failure, of the run and of the command; nobody who listens is none.
  const kpiDir = layer("kpis");
  mkdirSync(kpiDir);
  writeFileSync(path.join(kpiDir, "broken.sql"), "select no_such_column from orders");
  const failed = await ask("aggregate", "--once", "--kpi-dir", kpiDir);
  expect([failed.code, eventsOf(receiver).at(-1)?.eventType]).toEqual([1, "FAIL"]);
  expect(JSON.stringify(eventsOf(receiver).at(-1))).not.toContain("no_such_column");
  const tries = receiver.tries;
  const alone = emptyShop({ OPENLINEAGE_URL: "http://127.0.0.1:9" });
  await alone.run(...TICKS);
  const { code, stderr } = await alone.ask("clean", "--once");
  expect([code, receiver.tries]).toEqual([0, tries]);
  expect(stderr).toMatch(/\d lineage events to http:\/\/127\.0\.0\.1:9\/api\/v1\/lineage were not delivered/);
});
