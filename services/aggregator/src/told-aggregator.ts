import {
  type LakeLocation,
  type LineageCheck,
  type LineageDataset,
  type LineageJob,
  lineageName,
  overriding,
  type RunData,
  toldPass,
} from "@ingot/common";
import type { CheckResult } from "@ingot/engine/checks";
import { type DatasetName, readManifest, SILVER_TYPES } from "@ingot/pipelines";
import type { IngestReport, Warehouse } from "@ingot/warehouse";
import type { Aggregator, AggregatorOptions, AggregatorReport } from "./aggregator.ts";

type Meter = NonNullable<AggregatorOptions["meter"]>;
type Run = (signal: AbortSignal) => Promise<AggregatorReport>;

/** What KPIs are made of. */
const SOURCES: readonly DatasetName[] = ["customers", "orders"];

/** An aggregator whose passes are told as runs of a job. @param create makes the aggregator itself */
export function createToldAggregator(
  create: (options: AggregatorOptions) => Aggregator,
  options: AggregatorOptions,
  { job, location }: { job: LineageJob; location: LakeLocation },
): Aggregator {
  if (!job.isTold) return create(options);
  const { lake, clock, logger } = options;
  const intake = new Intake();
  let startedAt = "";

  const dataOf = async (report: AggregatorReport): Promise<RunData> => {
    const taken = intake.take();
    const changed = report.published === 0 ? [] : await changedKpis(startedAt);
    if (taken.size === 0 && changed.length === 0) return { inputs: [], outputs: [] };
    const names = new Set<DatasetName>([...SOURCES, ...taken.keys()]);
    const inputs = [...names].map((name) => silverOf(name, taken.get(name), report.checks));
    return {
      inputs,
      outputs: changed.map((kpi) => ({ ...kpi, checks: checksOf("gold", kpi.kpi, report.checks) })),
    };
  };
  const silverOf = (
    dataset: DatasetName,
    { objects, rows } = NOTHING,
    checks: readonly CheckResult[],
  ): LineageDataset => ({
    ...lineageName(location, "silver", dataset),
    columns: Object.entries(SILVER_TYPES[dataset]).map(([name, type]) => ({ name, type })),
    rows,
    files: objects,
    checks: checksOf("silver", dataset, checks),
  });
  const changedKpis = async (since: string): Promise<(LineageDataset & { kpi: string })[]> => {
    const { kpis } = await readManifest(lake.gold);
    return Object.entries(kpis)
      .filter(([, { updated_at }]) => updated_at >= since)
      .map(([kpi, { columns, rows }]) => ({
        kpi,
        ...lineageName(location, "gold", kpi),
        columns,
        rows,
        files: 1,
      }));
  };
  const told = (run: Run) =>
    toldPass<AggregatorReport>(
      (signal) => {
        intake.take();
        startedAt = clock.now().toISOString();
        return run(signal);
      },
      { job, dataOf, logger },
    );

  const passes = told((signal) => aggregator.pass(signal));
  const rebuilds = told(() => aggregator.rebuild());
  const meter: Meter | undefined = options.meter && passes.metered(rebuilds.metered(options.meter));
  const warehouse = intake.observed(options.warehouse);
  const aggregator = create({ ...options, warehouse, meter });
  const { signal } = new AbortController();
  return { ...aggregator, pass: passes.pass, rebuild: () => rebuilds.pass(signal) };
}

interface TakenIn {
  objects: number;
  rows: number;
}

const NOTHING: TakenIn = { objects: 0, rows: 0 };

/** What a warehouse takes in, by dataset. */
class Intake {
  #taken = new Map<DatasetName, TakenIn>();

  observed(warehouse: Warehouse): Warehouse {
    const count = async (work: Promise<IngestReport>): Promise<IngestReport> => {
      const report = await work;
      for (const { dataset, rows } of report.ingested) {
        const before = this.#taken.get(dataset) ?? NOTHING;
        this.#taken.set(dataset, { objects: before.objects + 1, rows: before.rows + rows });
      }
      return report;
    };
    return overriding(warehouse, {
      ingest: (objects) => count(warehouse.ingest(objects)),
      rebuild: (objects, given) => count(warehouse.rebuild(objects, given)),
    });
  }

  /** All since it was asked last. */
  take(): ReadonlyMap<DatasetName, TakenIn> {
    const taken = this.#taken;
    this.#taken = new Map();
    return taken;
  }
}

/** A check's own words about what it found may quote the data, so only how many rows fail is told. */
function checksOf(
  layer: CheckResult["layer"],
  model: string,
  checks: readonly CheckResult[],
): LineageCheck[] {
  return checks
    .filter((result) => result.layer === layer && result.model === model)
    .map(({ check, severity, status, failing, expected, query }) => ({
      assertion: check,
      success: status === "pass",
      name: `${model}.${check}`,
      severity,
      expected,
      actual: failing === undefined ? "the check cannot be run" : `${failing} rows fail`,
      query,
    }));
}
