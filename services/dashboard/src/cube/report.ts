import { IngotError } from "@ingot/common";
import type { SalesFilter, SalesReport, SalesRow, VisitsRow } from "../api/contract.ts";
import { type Counts, countCustomers, type DayVisits, type PeriodCounts } from "./count-customers.ts";
import { type DaySpan, dateOf, lengthOf, spanBefore, spanOf } from "./days.ts";
import type { Deadline } from "./deadline.ts";
import { averageOrderValue, byRevenue, figure, money, salesRow, share } from "./figures.ts";
import type { LoadedHistory } from "./history.ts";
import { type Selection, selectionOf } from "./selection.ts";
import { type PeriodSales, sumSales } from "./sum-sales.ts";
import { visitedPages } from "./visited-pages.ts";

/** So many days a report may have: ten years. */
export const MOST_DAYS = 3_700;
const TOP = 10;

/** The days of a report. @throws IngotError `invalid_parameter` */
export function reportSpan(filter: SalesFilter): DaySpan {
  const span = spanOf(filter);
  if (lengthOf(span) <= MOST_DAYS) return span;
  throw new IngotError(
    "invalid_parameter",
    `The period has ${lengthOf(span)} days, more than ${MOST_DAYS}. Ask for a shorter one.`,
  );
}

/** The cells of its period and of the one before have to be there. @throws IngotError `query_timeout` */
export function reportOf(loaded: LoadedHistory, filter: SalesFilter, deadline: Deadline): SalesReport {
  const span = reportSpan(filter);
  const before = spanBefore(span);
  const selection = selectionOf(filter, loaded.labels);
  const sales = sumSales(loaded, selection, span, deadline);
  const salesBefore = sumSales(loaded, selection, before, deadline);
  const { labels, revision, counted } = loaded;
  const products = byRevenue(sales.products, labels);
  const named = <Key extends string>(key: Key, rows: ReturnType<typeof byRevenue>) =>
    rows.map(({ name, sums }) => ({ [key]: name, ...salesRow(sums) }) as Record<Key, string> & SalesRow);
  return {
    filter,
    previous: { from: dateOf(before.first), to: dateOf(before.last) },
    revision,
    ...countedParts(loaded, selection, { span, before, sales, salesBefore }, deadline),
    ...(counted < 1 ? { counting: counted } : {}),
    sales_by_day: salesByDay(sales, span),
    previous_revenue_by_day: salesByDay(salesBefore, before).map(({ revenue }) => revenue),
    products: named("product", products.slice(0, TOP)),
    product_count: products.length,
    channels: named("channel", byRevenue(sales.channels, labels)),
    countries: named("country", byRevenue(sales.countries, labels)),
  };
}

interface Compared {
  span: DaySpan;
  before: DaySpan;
  sales: PeriodSales;
  salesBefore: PeriodSales;
}

/** What may have to wait until customers are counted. */
function countedParts(
  loaded: LoadedHistory,
  selection: Selection,
  { span, before, sales, salesBefore }: Compared,
  deadline: Deadline,
): Pick<SalesReport, "cards" | "visits_by_day" | "pages" | "page_count"> {
  const { total } = sales;
  const previous = salesBefore.total;
  const cards = (now?: PeriodCounts, then?: PeriodCounts) => ({
    revenue: figure(money(total.revenue), money(previous.revenue)),
    orders: figure(total.orders, previous.orders),
    average_order_value: figure(averageOrderValue(total), averageOrderValue(previous)),
    customers: figure(now?.customers ?? null, then?.customers ?? null),
    conversion: figure(conversionOf(now), conversionOf(then)),
  });
  if (loaded.counted < 1) return { cards: cards(), visits_by_day: [], pages: [], page_count: 0 };
  const chosen = loaded.columns.customersOf(selection.countries);
  const counts = countCustomers(loaded.columns, selection, chosen, span, deadline);
  const countsBefore = countCustomers(loaded.columns, selection, chosen, before, deadline);
  const pages = visitedPages(loaded, chosen, span, counts.views, TOP, deadline);
  return {
    cards: cards(counts.period, countsBefore.period),
    visits_by_day: visitsByDay(counts, span),
    pages: pages.rows,
    page_count: pages.count,
  };
}

function conversionOf(counts: PeriodCounts | undefined): number | null {
  return counts ? share(counts.buyers, counts.visitors) : null;
}

/** A row for every day of a span. */
export function salesByDay({ days }: PeriodSales, span: DaySpan): SalesReport["sales_by_day"] {
  const sumsOf = new Map(days.map(({ day, sums }) => [day, sums]));
  return daysOf(span).map((day) => ({ order_date: dateOf(day), ...salesRow(sumsOf.get(day)) }));
}

/** A row for every day of a span. */
export function visitsByDay({ days }: Counts, span: DaySpan): VisitsRow[] {
  const visitsOf = new Map(days.map((counted) => [counted.day, counted]));
  return daysOf(span).map((day) => visitsRow(visitsOf.get(day) ?? { day, views: 0, visitors: 0, buyers: 0 }));
}

export function visitsRow({ day, views, visitors, buyers }: DayVisits): VisitsRow {
  return { date: dateOf(day), views, visitors, buyers, conversion: share(buyers, visitors) };
}

function daysOf(span: DaySpan): number[] {
  return Array.from({ length: lengthOf(span) }, (_, index) => span.first + index);
}
