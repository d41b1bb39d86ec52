import type { TimeZone } from "@ingot/pipelines";
import type { ReplacedRow, SalesSnapshot } from "@ingot/warehouse";
import { CustomerColumns } from "./customer-columns.ts";
import { sharedNow } from "./deadline.ts";
import type { Labels } from "./labels.ts";

/** Rows between two looks at the clock. */
const ROWS_AT_A_TIME = 256;

const NOTHING = { orders: 0, customers: 0, clicks: 0 };
/** The share of what is nearly all. */
const MOST_UNFINISHED = 0.999;

/** Reads customers, orders and clicks, all of them at first and then what is new, in as many steps as it takes. */
export class ColumnsReader {
  columns: CustomerColumns;
  /** True once all was read at some time. */
  wasComplete = false;
  readonly #newColumns: () => CustomerColumns;
  #isComplete = false;
  #hasPackedOrders = false;
  #last = { ...NOTHING };
  #end = { ...NOTHING };
  /** The last replacement that is in; absent until the first row is read. */
  #lastReplaced: number | undefined;

  constructor(labels: Labels, zone: TimeZone) {
    this.#newColumns = () => new CustomerColumns(labels, zone);
    this.columns = this.#newColumns();
  }

  /** There may be more to read. @param end the greatest ids now */
  expect(end: typeof NOTHING): void {
    this.#end = end;
    this.#isComplete = false;
  }

  /** How much of it is read; 1 where that is all. */
  get share(): number {
    if (this.#isComplete) return 1;
    const sum = ({ orders, customers, clicks }: typeof NOTHING): number => orders + customers + clicks;
    return Math.min(sum(this.#last) / Math.max(sum(this.#end), 1), MOST_UNFINISHED);
  }

  /** @param until milliseconds by `sharedNow` */
  read(sales: SalesSnapshot, until: number): void {
    if (this.#isComplete) return;
    const { columns } = this;
    if (this.#lastReplaced === undefined) {
      // What is replaced from now on may have been read before.
      this.#lastReplaced = sales.lastReplaced();
      columns.reserve(this.#end);
    }
    if (!this.#readRows("customers", sales.customers, until, (row) => columns.setCustomer(row))) return;
    if (!this.#readRows("orders", sales.orders, until, (row) => columns.addOrder(row))) return;
    if (!this.#hasPackedOrders) columns.packOrders();
    this.#hasPackedOrders = true;
    if (!this.#readRows("clicks", sales.clicks, until, (row) => columns.addClick(row))) return;
    const replaced = sales.replaced(this.#lastReplaced);
    if (!replaced) {
      this.#startAnew();
      this.read(sales, until);
      return;
    }
    if (!this.#follow(replaced, sales, until)) return;
    if (!this.wasComplete) columns.packClicks();
    this.#isComplete = true;
    this.wasComplete = true;
  }

  /** Answers whether that was all. */
  #readRows<Row extends readonly [id: number, ...unknown[]]>(
    table: keyof typeof NOTHING,
    rowsAfter: (id: number) => Iterable<Row>,
    until: number,
    take: (row: Row) => void,
  ): boolean {
    let untilLook = ROWS_AT_A_TIME;
    for (const row of rowsAfter(this.#last[table])) {
      take(row);
      this.#last[table] = row[0];
      untilLook -= 1;
      if (untilLook > 0) continue;
      if (sharedNow() >= until) return false;
      untilLook = ROWS_AT_A_TIME;
    }
    return true;
  }

  /** All rows up to those that were replaced last are there by now. Answers whether that was all. */
  #follow(replaced: readonly ReplacedRow[], sales: SalesSnapshot, until: number): boolean {
    for (const [index, { seq, table, id }] of replaced.entries()) {
      if (table === "orders") this.columns.replaceOrder(sales.orderRow(id)!);
      else this.columns.setCustomer(sales.customerRow(id)!);
      this.#lastReplaced = seq;
      if (index % ROWS_AT_A_TIME === ROWS_AT_A_TIME - 1 && sharedNow() >= until) return false;
    }
    return true;
  }

  #startAnew(): void {
    this.columns = this.#newColumns();
    this.wasComplete = false;
    this.#hasPackedOrders = false;
    this.#last = { ...NOTHING };
    this.#lastReplaced = undefined;
  }
}
