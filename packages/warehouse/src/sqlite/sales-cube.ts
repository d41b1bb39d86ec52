import type { DatabaseSync, StatementSync } from "node:sqlite";

/** One cell's coordinates, and what is added to it: whole numbers, of 1/10000 for quantity and revenue. */
export interface SalesChange {
  orderDate: string;
  product: string;
  channel: string;
  country: string;
  orders: number;
  quantity: number;
  revenue: number;
}

/** Changes are collected up to this many cells before they are written. */
const CELLS_IN_MEMORY = 100_000;

const ROLLUPS = {
  sales_by_day: "order_date",
  sales_by_product: "product",
  sales_by_channel: "channel",
  sales_by_country: "country",
} as const;

const ADD_MEASURES =
  "orders = orders + excluded.orders, quantity = quantity + excluded.quantity, revenue = revenue + excluded.revenue";

/** The sales cube and its rollups, changed together. All methods belong inside a transaction. */
export class SalesCube {
  readonly #cells = new Map<string, SalesChange>();
  readonly #addToCube: StatementSync;
  readonly #dropEmptyCell: StatementSync;
  readonly #rollups: { of(change: SalesChange): string; add: StatementSync; dropEmpty: StatementSync }[];
  readonly #moves: { customer: string[]; run: StatementSync }[];

  constructor(database: DatabaseSync) {
    const key = "order_date, product, channel, country";
    this.#addToCube = database.prepare(
      `insert into sales (${key}, orders, quantity, revenue) values (?, ?, ?, ?, ?, ?, ?)
       on conflict (${key}) do update set ${ADD_MEASURES}`,
    );
    this.#dropEmptyCell = database.prepare(
      "delete from sales where order_date = ? and product = ? and channel = ? and country = ? and orders = 0",
    );
    const names = {
      order_date: "orderDate",
      product: "product",
      channel: "channel",
      country: "country",
    } as const;
    this.#rollups = Object.entries(ROLLUPS).map(([table, column]) => ({
      of: (change) => change[names[column]],
      add: database.prepare(
        `insert into ${table} (${column}, orders, quantity, revenue) values (?, ?, ?, ?)
         on conflict (${column}) do update set ${ADD_MEASURES}`,
      ),
      dropEmpty: database.prepare(`delete from ${table} where ${column} = ? and orders = 0`),
    }));
    this.#moves = moveStatements(database);
  }

  /** Adds to a cell (or takes from it, with negative numbers); written with the next `flush` at the latest. */
  add(change: SalesChange): void {
    const id = `${change.orderDate}\0${change.product}\0${change.channel}\0${change.country}`;
    const cell = this.#cells.get(id);
    if (cell) addTo(cell, change);
    else this.#cells.set(id, { ...change });
    if (this.#cells.size >= CELLS_IN_MEMORY) this.flush();
  }

  /** Writes what was collected. */
  flush(): void {
    for (const cell of this.#cells.values()) {
      const { orderDate, product, channel, country, orders, quantity, revenue } = cell;
      if (orders === 0 && quantity === 0 && revenue === 0) continue;
      this.#addToCube.run(orderDate, product, channel, country, orders, quantity, revenue);
      if (orders <= 0) this.#dropEmptyCell.run(orderDate, product, channel, country);
    }
    for (const { of, add, dropEmpty } of this.#rollups) {
      for (const [name, sum] of rollUp(this.#cells.values(), of)) {
        if (sum.orders === 0 && sum.quantity === 0 && sum.revenue === 0) continue;
        add.run(name, sum.orders, sum.quantity, sum.revenue);
        if (sum.orders <= 0) dropEmpty.run(name);
      }
    }
    this.#cells.clear();
  }

  /** Moves all orders of a customer, as they are in the table `orders`, from one country to another. */
  moveCustomer(customerId: string, from: string, to: string): void {
    this.flush();
    const values = { customerId, from, to };
    for (const { customer, run } of this.#moves) {
      run.run(...customer.map((name) => values[name as keyof typeof values]));
    }
  }

  /** Forgets what was collected; for a transaction that is rolled back. */
  discard(): void {
    this.#cells.clear();
  }
}

function addTo(sum: SalesChange, change: SalesChange): void {
  sum.orders += change.orders;
  sum.quantity += change.quantity;
  sum.revenue += change.revenue;
}

function rollUp(cells: Iterable<SalesChange>, of: (change: SalesChange) => string): Map<string, SalesChange> {
  const sums = new Map<string, SalesChange>();
  for (const cell of cells) {
    const sum = sums.get(of(cell));
    if (sum) addTo(sum, cell);
    else sums.set(of(cell), { ...cell });
  }
  return sums;
}

/** A customer's orders move set by set, not one by one: a large customer may have very many. */
function moveStatements(database: DatabaseSync) {
  const cells = (sign: "" | "-") => `
    insert into sales (order_date, product, channel, country, orders, quantity, revenue)
    select order_date, product, channel, ?, ${sign}count(*), ${sign}sum(coalesce(quantity, 0)), ${sign}sum(total_amount)
    from orders where customer_id = ? group by order_date, product, channel
    on conflict (order_date, product, channel, country) do update set ${ADD_MEASURES}`;
  const country = (sign: "" | "-") => `
    insert into sales_by_country (country, orders, quantity, revenue)
    select ?, ${sign}count(*), ${sign}sum(coalesce(quantity, 0)), ${sign}sum(total_amount)
    from orders where customer_id = ? having count(*) > 0
    on conflict (country) do update set ${ADD_MEASURES}`;
  const dropCells = `
    delete from sales where country = ? and orders = 0 and (order_date, product, channel) in
      (select order_date, product, channel from orders where customer_id = ?)`;
  const dropCountry = "delete from sales_by_country where country = ? and orders = 0";
  return [
    { customer: ["to", "customerId"], run: database.prepare(cells("")) },
    { customer: ["from", "customerId"], run: database.prepare(cells("-")) },
    { customer: ["from", "customerId"], run: database.prepare(dropCells) },
    { customer: ["to", "customerId"], run: database.prepare(country("")) },
    { customer: ["from", "customerId"], run: database.prepare(country("-")) },
    { customer: ["from"], run: database.prepare(dropCountry) },
  ];
}
