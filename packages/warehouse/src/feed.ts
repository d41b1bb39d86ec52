/** Product, channel and country are ids of labels; quantity and revenue are integers of 1/10000, `bigint` where unsafe. */
export type SalesCell = readonly [
  product: number,
  channel: number,
  country: number,
  orders: number,
  quantity: number | bigint,
  revenue: number | bigint,
];

export type FeedOrder = readonly [
  id: number,
  customerId: string,
  product: number,
  channel: number,
  orderDate: string,
];

export type FeedCustomer = readonly [id: number, customerId: string, country: number];

/** `page` is the id of a label; `ts` is microseconds since 1970. */
export type FeedClick = readonly [id: number, customerId: string, page: number, ts: number];

/** A row that was changed where it is. */
export interface ReplacedRow {
  seq: number;
  table: "orders" | "customers";
  id: number;
}

/** The id of the label `NA`: the country of customers who are not known. */
export const NO_LABEL = 1;

/**
 * The warehouse's rows for those who keep a copy in memory: all of them at first, then what every step has changed.
 *
 * Rows of `orders`, `customers` and `clicks` have ids that count up, and never go: what is new has a greater id than
 * what was there. A row that is changed in place is listed in `replaced`. Of `sales` the cells of a day are read anew when the
 * day has changed. All of that holds within one generation: where the part of the revision before the last dot is
 * another one, the warehouse was filled anew, and everything is to be read again.
 *
 * Nothing is written into the file, and nothing is held between snapshots: other processes write meanwhile, and may even put
 * another file into this one's place.
 */
export interface SalesFeed {
  /**
   * Runs a function that reads: all that it sees is from between the same two steps. It has to be synchronous, and short:
   * what others write meanwhile stays in the warehouse's log. A long table is best read in pieces, each in a
   * snapshot of its own.
   *
   * After an error nothing that was read in this snapshot is to be trusted.
   *
   * @throws IngotError `warehouse_missing` where there is no file, or nothing in it yet; `warehouse_busy` (worth a retry);
   * `warehouse_invalid`
   */
  snapshot<T>(read: (sales: SalesSnapshot) => T): T;
}

/** What can be read in a snapshot, and only there. Iterators may be left before their end. */
export interface SalesSnapshot {
  /** As `Warehouse.revision`: `<generation>.<steps>`. */
  revision(): string;
  /** Names of products, channels, countries and pages with a greater id than `afterId`, by id. */
  labels(afterId: number): { id: number; name: string }[];
  /**
   * All days with sales, in their order, and the step that changed each last: 0 for one that has not changed since the warehouse
   * was filled. A day that has lost all its orders is not there any more.
   */
  days(): { order_date: string; changed: number }[];
  /** By product, channel and country. */
  cells(orderDate: string): Iterable<SalesCell>;
  /** The revenue of all of history for each product, channel or country, by their names. */
  revenueBy(column: "product" | "channel" | "country"): { name: string; revenue: bigint }[];
  /** The greatest ids, 0 where there are none: how much there is to read. */
  lastIds(): { orders: number; customers: number; clicks: number };
  /** Orders with a greater id than `afterId`, by id; each counts once, as in gold. */
  orders(afterId: number): Iterable<FeedOrder>;
  customers(afterId: number): Iterable<FeedCustomer>;
  /** Every click, in the order in which they came in. */
  clicks(afterId: number): Iterable<FeedClick>;
  /**
   * Rows that were changed in place since, in that order: orders, and customers who have another country now. A row may be
   * there several times, and also one that the reader has not read yet: that one comes as it is now with the new ones.
   *
   * @returns `undefined` where that is too long ago: everything is to be read again
   */
  replaced(afterSeq: number): ReplacedRow[] | undefined;
  /** The greatest `seq` so far; 0 where nothing was ever replaced. */
  lastReplaced(): number;
  orderRow(id: number): FeedOrder | undefined;
  customerRow(id: number): FeedCustomer | undefined;
}
