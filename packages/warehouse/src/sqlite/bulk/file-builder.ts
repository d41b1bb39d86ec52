import { DatabaseSync } from "node:sqlite";
import { createMeta } from "../meta.ts";
import { type ObjectRow, objectInserter } from "../object-rows.ts";
import { RowInserter } from "../row-inserter.ts";
import { keyOf } from "../row-keys.ts";
import { CUSTOMER_INDEX, ORDER_INDEX, ORDERS_OF_CUSTOMER_INDEX, TABLES } from "../schema.ts";
import { ClickWriter } from "./click-writer.ts";
import { CountryLookup } from "./country-lookup.ts";
import { LabelWriter } from "./label-writer.ts";
import { type CustomersPart, ORDER_NUMBERS, type OrdersPart, type Part, textsOf } from "./parts.ts";
import { SalesWriter } from "./sales-writer.ts";

/** Also what is sorted in memory at a time; more makes neither faster. */
const CACHE_KIB = 16 * 1024;
/** Threads that help to sort an index. The thread that reads silver has nothing to do by then. */
const SORTING_THREADS = 1;

/** Customers as they come: of all rows with one customer_id the last one will stay. */
const CUSTOMER_STAGE = `
CREATE TABLE customer_stage (
  id INTEGER PRIMARY KEY, key INTEGER NOT NULL, customer_id TEXT NOT NULL, email_h TEXT NOT NULL,
  first_initial TEXT NOT NULL, last_initial TEXT NOT NULL, country INTEGER NOT NULL, signup_date TEXT NOT NULL,
  source INTEGER NOT NULL
) STRICT`;

/**
 * Fills a new warehouse file from all of silver: first the objects with customers, then the others, each kind in the
 * order of their bronze keys, so that of two rows the later one stands later.
 *
 * Rows are appended as they come, the cube is summed up in memory meanwhile. Indexes are sorted once at the end; what
 * the index of the orders then shows to be there twice is taken out again. There is no journal: a file that was not
 * finished is of no use.
 */
export class FileBuilder {
  readonly #database: DatabaseSync;
  readonly #storeObject: (row: ObjectRow) => void;
  readonly #labels: LabelWriter;
  readonly #customers: RowInserter;
  readonly #orders: RowInserter;
  readonly #clicks: ClickWriter;
  readonly #dates: string[] = [];
  readonly #sales: SalesWriter;
  #countries: CountryLookup | undefined;
  #lastCustomer = 0;
  #lastOrder = 0;
  /** The last rows that belong to complete objects. */
  #complete = { customer: 0, order: 0 };

  constructor(file: string, lakeUrl: string) {
    const database = new DatabaseSync(file);
    this.#database = database;
    database.exec(`
      PRAGMA journal_mode = OFF;
      PRAGMA synchronous = OFF;
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA cache_size = -${CACHE_KIB};
      PRAGMA threads = ${SORTING_THREADS};
      BEGIN EXCLUSIVE;
      ${TABLES};
      ${CUSTOMER_STAGE};
    `);
    createMeta(database, lakeUrl);
    this.#storeObject = objectInserter(database);
    this.#labels = new LabelWriter(database);
    this.#customers = new RowInserter(database, "customer_stage", 9);
    this.#orders = new RowInserter(database, "order_rows", 13);
    this.#clicks = new ClickWriter(database, this.#labels);
    this.#sales = new SalesWriter(database, this.#dates);
  }

  add(part: Part): void {
    if (part.kind === "customers") this.#addCustomers(part);
    else if (part.kind === "orders") this.#addOrders(part);
    else if (part.kind === "clicks") {
      this.#learn(part.newNames);
      this.#clicks.add(part);
    } else if (part.kind === "drop") this.#dropIncomplete();
    else {
      this.#storeObject(part.row);
      this.#complete = { customer: this.#lastCustomer, order: this.#lastOrder };
      this.#clicks.complete();
    }
  }

  /** Completes the file and closes it. It is on its way to the disk, but may not be there yet. */
  finish(): void {
    this.#countries ??= this.#finishCustomers();
    const database = this.#database;
    database.exec(ORDER_INDEX);
    this.#removeReplaced();
    this.#sales.finish();
    database.exec(ORDERS_OF_CUSTOMER_INDEX);
    database.exec("COMMIT");
    database.close();
  }

  #addCustomers(part: CustomersPart): void {
    this.#learn(part.newNames);
    const { source, count, numbers } = part;
    const text = textsOf(part);
    const rows = this.#customers;
    for (let row = 0; row < count; row++) {
      const [id, email, first, last, signup] = [text(), text(), text(), text(), text()];
      rows.add(++this.#lastCustomer);
      rows.add(numbers[2 * row]!);
      rows.add(id);
      rows.add(email);
      rows.add(first);
      rows.add(last);
      rows.add(numbers[2 * row + 1]!);
      rows.add(signup);
      rows.add(source);
    }
    rows.flush();
  }

  #addOrders(part: OrdersPart): void {
    this.#countries ??= this.#finishCustomers();
    const countries = this.#countries;
    this.#learn(part.newNames);
    const { source, count, numbers, largeInstants } = part;
    const text = textsOf(part);
    const rows = this.#orders;
    let large = 0;
    for (let row = 0; row < count; row++) {
      const at = ORDER_NUMBERS * row;
      const [orderId, customerId] = [text(), text()];
      const customerKey = numbers[at + 1]!;
      const product = numbers[at + 2]!;
      const channel = numbers[at + 3]!;
      const date = numbers[at + 4]!;
      const instant = numbers[at + 5]!;
      const quantity = numbers[at + 6]!;
      const unitPrice = numbers[at + 7]!;
      const total = numbers[at + 8]!;
      rows.add(++this.#lastOrder);
      rows.add(numbers[at]!);
      rows.add(customerKey);
      rows.add(orderId);
      rows.add(customerId);
      rows.add(product);
      rows.add(channel);
      rows.add(this.#dates[date]!);
      rows.add(Number.isNaN(instant) ? largeInstants[large++]! : instant);
      rows.add(Number.isNaN(quantity) ? null : quantity);
      rows.add(Number.isNaN(unitPrice) ? null : unitPrice);
      rows.add(total);
      rows.add(source);
      const country = countries.of(customerId, customerKey);
      const sums = { quantity: Number.isNaN(quantity) ? 0 : quantity, revenue: total };
      this.#sales.add(1, date, product, channel, country, sums);
    }
    rows.flush();
  }

  #learn({ labels, dates }: OrdersPart["newNames"]): void {
    this.#labels.learn(labels);
    this.#dates.push(...dates);
  }

  /** Keeps the last row of each customer. */
  #finishCustomers(): CountryLookup {
    this.#database.exec(`
      INSERT INTO customer_rows SELECT * FROM customer_stage
      WHERE id IN (SELECT max(id) FROM customer_stage GROUP BY customer_id);
      DROP TABLE customer_stage;
      ${CUSTOMER_INDEX}
    `);
    return new CountryLookup(this.#database);
  }

  #dropIncomplete(): void {
    const { customer, order } = this.#complete;
    if (this.#lastCustomer > customer) {
      this.#database.prepare("DELETE FROM customer_stage WHERE id > ?").run(customer);
      this.#lastCustomer = customer;
    }
    if (this.#lastOrder > order) {
      this.#takeOutOfSales(`FROM order_rows AS o WHERE id > ${order}`, () => true);
      this.#database.prepare("DELETE FROM order_rows WHERE id > ?").run(order);
      this.#lastOrder = order;
    }
    this.#clicks.dropIncomplete();
  }

  /** Of all rows with one order_id only the one with the greatest order_ts stays, on a tie the last one. */
  #removeReplaced(): void {
    this.#database.exec(`
      CREATE TEMP TABLE repeated_keys AS SELECT key FROM order_rows GROUP BY key HAVING count(*) > 1;
      CREATE TEMP TABLE replaced (id INTEGER PRIMARY KEY);
    `);
    const replace = this.#database.prepare("INSERT INTO temp.replaced VALUES (?)");
    let newer: string | undefined;
    this.#takeOutOfSales(
      `FROM temp.repeated_keys AS repeated CROSS JOIN order_rows AS o ON o.key = repeated.key
       ORDER BY o.order_id, o.order_ts DESC, o.id DESC`,
      (id, orderId) => {
        const isReplaced = orderId === newer;
        newer = orderId;
        if (isReplaced) replace.run(id);
        return isReplaced;
      },
    );
    this.#database.exec("DELETE FROM order_rows WHERE id IN (SELECT id FROM temp.replaced)");
  }

  /** @param from the orders `o` to look at, as SQL */
  #takeOutOfSales(from: string, isMeant: (id: number, orderId: string) => boolean): void {
    const numbers = new Map(this.#dates.map((date, number) => [date, number]));
    const rows = this.#database.prepare(`
      SELECT o.id, o.order_id, o.customer_id, o.order_date, o.product, o.channel, o.quantity, o.total_amount ${from}`);
    for (const row of rows.iterate()) {
      if (!isMeant(Number(row.id), String(row.order_id))) continue;
      const customerId = String(row.customer_id);
      const country = this.#countries!.of(customerId, keyOf(customerId));
      const date = numbers.get(String(row.order_date))!;
      const sums = { quantity: Number(row.quantity), revenue: Number(row.total_amount) };
      this.#sales.add(-1, date, Number(row.product), Number(row.channel), country, sums);
    }
  }
}
