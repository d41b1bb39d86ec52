import type { ColumnType, SalesFilter, SalesTable } from "../api/contract.ts";
import { countCustomers } from "./count-customers.ts";
import { dateOf, lengthOf, spanOf } from "./days.ts";
import type { Deadline } from "./deadline.ts";
import type { Sums } from "./exact-sums.ts";
import { byRevenue, salesRow } from "./figures.ts";
import type { History } from "./history.ts";
import { MOST_DAYS, salesByDay, visitsByDay, visitsRow } from "./report.ts";
import { selectionOf } from "./selection.ts";
import { sumSales } from "./sum-sales.ts";
import { visitedPages } from "./visited-pages.ts";

export interface SalesTableRows {
  columns: { name: string; type: ColumnType }[];
  rows: (string | number | null)[][];
}

const SALES = { orders: "integer", quantity: "quantity", revenue: "money" } as const;

/** The columns of each table, in their order. */
const COLUMNS: Record<SalesTable, Record<string, ColumnType>> = {
  sales_by_day: { order_date: "date", ...SALES },
  products: { product: "text", ...SALES },
  channels: { channel: "text", ...SALES },
  countries: { country: "text", ...SALES },
  visits_by_day: {
    date: "date",
    views: "integer",
    visitors: "integer",
    buyers: "integer",
    conversion: "number",
  },
  pages: { page: "text", views: "integer", visitors: "integer" },
};

/**
 * All rows of a table. Of periods that are longer than a report may be, only the days with sales or visits.
 *
 * @throws IngotError `invalid_parameter`, those of the feed, `query_timeout` also while visits are not all read
 */
export function tableOf(
  history: History,
  name: SalesTable,
  filter: SalesFilter,
  deadline: Deadline,
): SalesTableRows {
  const columns = COLUMNS[name];
  const rows = recordsOf(history, name, filter, deadline) as Record<string, string | number | null>[];
  return {
    columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
    rows: rows.map((row) => Object.keys(columns).map((column) => row[column]!)),
  };
}

function recordsOf(history: History, name: SalesTable, filter: SalesFilter, deadline: Deadline): object[] {
  const span = spanOf(filter);
  const isLong = lengthOf(span) > MOST_DAYS;
  if (name === "visits_by_day" || name === "pages") {
    const loaded = history.readyToCount([], deadline);
    const selection = selectionOf(filter, loaded.labels);
    const counts = countCustomers(loaded.columns, selection, span, deadline);
    if (name === "pages")
      return visitedPages(loaded, selection, span, counts.views, counts.views.length, deadline).rows;
    return isLong ? counts.days.map(visitsRow) : visitsByDay(counts, span);
  }
  const loaded = history.ready([span], deadline);
  const sales = sumSales(loaded, selectionOf(filter, loaded.labels), span, deadline);
  const named = (key: string, groups: ReadonlyMap<number, Sums>) =>
    byRevenue(groups, loaded.labels).map((row) => ({ [key]: row.name, ...salesRow(row.sums) }));
  if (name === "products") return named("product", sales.products);
  if (name === "channels") return named("channel", sales.channels);
  if (name === "countries") return named("country", sales.countries);
  if (!isLong) return salesByDay(sales, span);
  return sales.days.map(({ day, sums }) => ({ order_date: dateOf(day), ...salesRow(sums) }));
}
