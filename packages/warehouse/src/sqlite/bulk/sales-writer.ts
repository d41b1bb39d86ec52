import type { DatabaseSync } from "node:sqlite";
import { RowInserter } from "../row-inserter.ts";
import { ROLLUPS } from "../schema.ts";
import { type Cell, CellSums, exactSum } from "./cell-sums.ts";

/** Cells in memory: 168 MB. The cube of a year, 200 products, 3 channels and 15 countries has 3.3 million. */
const MOST_CELLS = 3_500_000;

const DIMENSIONS = (["date", "product", "channel", "country"] as const).map((part, index) => {
  const [table, { isLabel }] = Object.entries(ROLLUPS)[index]!;
  return { part, table, isLabel };
});

const ADD_TO_STORED = `
ON CONFLICT DO UPDATE SET orders = orders + excluded.orders, quantity = quantity + excluded.quantity,
  revenue = revenue + excluded.revenue`;

type Sums = Pick<Cell, "orders" | "quantity" | "revenue">;

/** Sums up the cube in memory, and writes it with its rollups into the tables, which are empty at first. */
export class SalesWriter {
  readonly #database: DatabaseSync;
  /** Dates by their numbers. */
  readonly #dates: readonly string[];
  readonly #mostCells: number;
  readonly #rollups = DIMENSIONS.map((dimension) => ({ ...dimension, sums: new Map<number, Sums>() }));
  #cells = new CellSums();
  #hasFlushed = false;

  constructor(database: DatabaseSync, dates: readonly string[], mostCells = MOST_CELLS) {
    this.#database = database;
    this.#dates = dates;
    this.#mostCells = mostCells;
  }

  /** Adds one order, or with `sign` -1 takes it out. */
  add(sign: 1 | -1, date: number, product: number, channel: number, country: number, sums: AddedSums): void {
    if (this.#cells.size >= this.#mostCells) this.#flush();
    this.#cells.add(sign, date, product, channel, country, sums.quantity, sums.revenue);
  }

  /** Writes everything. Nothing may be added afterwards. */
  finish(): void {
    this.#flush();
    const database = this.#database;
    // A cell that lost its orders after it was written.
    database.exec("DELETE FROM sales_cells WHERE orders = 0");
    const nameOf = database.prepare("SELECT name FROM labels WHERE id = ?");
    for (const { table, isLabel, sums } of this.#rollups) {
      const insert = database.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?)`);
      for (const [number, { orders, quantity, revenue }] of sums) {
        const name = isLabel ? String(nameOf.get(number)?.name) : this.#dates[number]!;
        if (orders !== 0) insert.run(name, orders, quantity, revenue);
      }
    }
  }

  #flush(): void {
    const store = new RowInserter(this.#database, "sales_cells", 7, this.#hasFlushed ? ADD_TO_STORED : "");
    for (const cell of this.#cells.inOrder(ranksOf(this.#dates))) {
      const { date, product, channel, country, orders, quantity, revenue } = cell;
      if (orders === 0 && !this.#hasFlushed) continue;
      store.add(this.#dates[date]!);
      store.add(product);
      store.add(channel);
      store.add(country);
      store.add(orders);
      store.add(quantity);
      store.add(revenue);
      for (const { part, sums } of this.#rollups) {
        const known = sums.get(cell[part]);
        if (known) addTo(known, cell);
        else sums.set(cell[part], { orders, quantity, revenue });
      }
    }
    store.flush();
    this.#cells = new CellSums();
    this.#hasFlushed = true;
  }
}

export interface AddedSums {
  quantity: number;
  revenue: number;
}

function addTo(sums: Sums, more: Sums): void {
  sums.orders = exactSum(sums.orders, more.orders);
  sums.quantity = exactSum(sums.quantity, more.quantity);
  sums.revenue = exactSum(sums.revenue, more.revenue);
}

function ranksOf(texts: readonly string[]): Uint32Array {
  const sorted = [...texts.keys()].sort((a, b) => (texts[a]! < texts[b]! ? -1 : 1));
  const ranks = new Uint32Array(texts.length);
  for (const [rank, index] of sorted.entries()) ranks[index] = rank;
  return ranks;
}
