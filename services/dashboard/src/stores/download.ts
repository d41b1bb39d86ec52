import type { StoreSeriesFilter, StoreStep } from "../api/contract.ts";
import { dayNumber } from "../cube/days.ts";
import { csvOf, csvRows } from "../downloads/csv.ts";
import type { TableColumn } from "../downloads/table.ts";
import { calendarDay } from "./calendar.ts";
import { METRIC_COLUMNS, TEXT_COLUMNS } from "./metric-columns.ts";
import type { StoreMetrics, StoreMetricsSource } from "./metrics.ts";
import { seriesFilter, storeQuarters } from "./series.ts";

/** What the names of files call the steps, in any language (contract: retail stores, section 7.3). */
const STEP_NAMES: Readonly<Record<StoreStep, string>> = {
  year: "Annuel",
  quarter: "Trimestriel",
  month: "Mensuel",
  day: "Quotidien",
};

/** `metrics_all_stores_Quotidien_2024_1`, without the ending. */
export function downloadName({ step, store, year, month }: StoreSeriesFilter): string {
  const parts = [
    "metrics",
    store === undefined ? "all_stores" : `store_${store.replace(/[^\w.-]/g, "_")}`,
    STEP_NAMES[step],
  ];
  if (step === "month" || step === "day") parts.push(String(year));
  if (step === "day") parts.push(String(month));
  return parts.join("_");
}

/**
 * What the charts are made of as CSV: the rows of each store and day as gold has them, with their year and month behind;
 * for quarters the sums of each store and quarter.
 *
 * @param isRaw leaves texts that a spreadsheet would take for a formula as they are
 */
export async function storeCsv(
  source: StoreMetricsSource,
  metrics: StoreMetrics,
  filter: StoreSeriesFilter,
  isRaw: boolean,
): Promise<Buffer> {
  if (filter.step === "quarter") return quartersCsv(metrics, filter, isRaw);
  const { columns: printed, batches } = await source.printed(metrics);
  const columns = [...printed, "year", "month"].map(columnOf);
  const dateAt = printed.indexOf("date");
  const isAskedFor = seriesFilter(metrics, filter);
  const parts: string[] = [csvOf({ name: "", columns, rows: [] }, isRaw)];
  let row = 0;
  for await (const batch of batches) {
    const rows = batch.filter(() => isAskedFor(row++)).map((line) => withMonth(line, dateAt));
    if (rows.length > 0) parts.push(csvRows({ columns, rows }, isRaw));
  }
  return Buffer.from(parts.join(""));
}

function withMonth(row: readonly string[], dateAt: number): string[] {
  const { year, month } = calendarDay(dayNumber(row[dateAt]!));
  return [...row, String(year), String(month)];
}

function quartersCsv(metrics: StoreMetrics, filter: StoreSeriesFilter, isRaw: boolean): Buffer {
  const printed = storeQuarters(metrics, filter);
  const names = [
    "quarter",
    "store_id",
    ...METRIC_COLUMNS.filter((name) => name in (printed[0] ?? {}) && name !== "store_id"),
  ];
  const rows = printed.map((row) =>
    names.map((name) => String((row as Record<string, unknown>)[name] ?? "")),
  );
  return Buffer.from(csvOf({ name: "", columns: names.map(columnOf), rows }, isRaw));
}

const columnOf = (name: string): TableColumn => ({
  name,
  type: TEXT_COLUMNS.has(name) || name === "quarter" ? "text" : "number",
});
