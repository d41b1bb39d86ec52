import type { FeedOrder, SalesFeed, SalesSnapshot } from "../src/index.ts";

/** A copy of the sales in memory that follows a feed, in the plainest way that the feed's contract allows. */
export class FeedFollower {
  readonly #feed: SalesFeed;
  #generation = "";
  #labels = new Map<number, string>();
  #days = new Map<string, { changed: number; cells: string[] }>();
  #orders = new Map<number, string>();
  #customers = new Map<number, string>();
  #clicks = new Map<number, string>();
  #lastReplaced = 0;

  constructor(feed: SalesFeed) {
    this.#feed = feed;
  }

  /** Reads what is new. @returns days of which the cells were read */
  follow(): string[] {
    return this.#feed.snapshot((sales) => this.#read(sales));
  }

  contents(): Record<"orders" | "customers" | "clicks" | "sales", string[]> {
    const sorted = (lines: Iterable<string>) => [...lines].sort();
    return {
      orders: sorted(this.#orders.values()),
      customers: sorted(this.#customers.values()),
      clicks: sorted(this.#clicks.values()),
      sales: sorted([...this.#days.values()].flatMap(({ cells }) => cells)),
    };
  }

  #read(sales: SalesSnapshot): string[] {
    const generation = sales.revision().split(".")[0]!;
    const replaced = generation === this.#generation ? sales.replaced(this.#lastReplaced) : undefined;
    if (!replaced) this.#forget();
    this.#generation = generation;
    const last = (rows: Map<number, string>) => [...rows.keys()].at(-1) ?? 0;
    for (const { id, name } of sales.labels(last(this.#labels))) this.#labels.set(id, name);
    for (const order of sales.orders(last(this.#orders))) this.#orders.set(order[0], this.#orderLine(order));
    for (const customer of sales.customers(last(this.#customers)))
      this.#customers.set(customer[0], this.#customerLine(customer));
    for (const [id, customerId, page, ts] of sales.clicks(last(this.#clicks)))
      this.#clicks.set(id, [customerId, this.#labels.get(page), ts].join("|"));
    for (const { table, id } of replaced ?? []) {
      if (table === "orders") this.#orders.set(id, this.#orderLine(sales.orderRow(id)!));
      else this.#customers.set(id, this.#customerLine(sales.customerRow(id)!));
    }
    this.#lastReplaced = sales.lastReplaced();
    return this.#readDays(sales);
  }

  #readDays(sales: SalesSnapshot): string[] {
    const days = sales.days();
    const present = new Set(days.map(({ order_date }) => order_date));
    for (const date of this.#days.keys()) if (!present.has(date)) this.#days.delete(date);
    const fresh = days.filter(({ order_date, changed }) => this.#days.get(order_date)?.changed !== changed);
    for (const { order_date: date, changed } of fresh) {
      const cells = [...sales.cells(date)].map(([product, channel, country, ...sums]) =>
        [date, ...[product, channel, country].map((id) => this.#labels.get(id)), ...sums].join("|"),
      );
      this.#days.set(date, { changed, cells });
    }
    return fresh.map(({ order_date }) => order_date);
  }

  #orderLine([, customerId, product, channel, orderDate]: FeedOrder): string {
    return [customerId, this.#labels.get(product), this.#labels.get(channel), orderDate].join("|");
  }

  #customerLine([, customerId, country]: readonly [number, string, number]): string {
    return [customerId, this.#labels.get(country)].join("|");
  }

  #forget(): void {
    for (const map of [this.#labels, this.#days, this.#orders, this.#customers, this.#clicks]) map.clear();
  }
}
