import type { ColumnType, SalesFilter, SalesTable } from "../api/contract.ts";
import { countCustomers } from "./count-customers.ts";
import { dateOf, lengthOf, spanOf } from "./days.ts";
import type { Deadline } from "./deadline.ts";
import type { Sums } from "./exact-sums.ts";
import { byRevenue, salesRow } from "./figures.ts";
import type { LoadedHistory } from "./history.ts";
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
 * All rows of a table; what it is about has to be there. Of periods that are longer than a report may be, only the days
 * with sales or visits.
 *
 * @throws IngotError `query_timeout`
 */
export function tableOf(
  loaded: LoadedHistory,
  name: SalesTable,
  filter: SalesFilter,
  deadline: Deadline,
): SalesTableRows {
  const columns = COLUMNS[name];
  const rows = recordsOf(loaded, name, filter, deadline) as Record<string, string | number | null>[];
  return {
    columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
    rows: rows.map((row) => Object.keys(columns).map((column) => row[column]!)),
  };
}

function recordsOf(
  loaded: LoadedHistory,
  name: SalesTable,
  filter: SalesFilter,
  deadline: Deadline,
): object[] {
  const span = spanOf(filter);
  const isLong = lengthOf(span) > MOST_DAYS;
  const selection = selectionOf(filter, loaded.labels);
  if (name === "visits_by_day" || name === "pages") {
    const chosen = loaded.columns.customersOf(selection.countries);
    const counts = countCustomers(loaded.columns, selection, chosen, span, deadline);
    if (name === "pages")
      return visitedPages(loaded, chosen, span, counts.views, counts.views.length, deadline).rows;
    return isLong ? counts.days.map(visitsRow) : visitsByDay(counts, span);
  }
  const sales = sumSales(loaded, selection, span, deadline);
  const named = (key: string, groups: ReadonlyMap<number, Sums>) =>
    byRevenue(groups, loaded.labels).map((row) => ({ [key]: row.name, ...salesRow(row.sums) }));
  if (name === "products") return named("product", sales.products);
  if (name === "channels") return named("channel", sales.channels);
  if (name === "countries") return named("country", sales.countries);
  if (!isLong) return salesByDay(sales, span);
  return sales.days.map(({ day, sums }) => ({ order_date: dateOf(day), ...salesRow(sums) }));
}
