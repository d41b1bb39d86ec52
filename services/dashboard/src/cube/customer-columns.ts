import type { TimeZone } from "@ingot/pipelines";
import type { FeedClick, FeedCustomer, FeedOrder } from "@ingot/warehouse";
import { addAll, type BitSet, bitSet, numbersIn } from "./bit-set.ts";
import { CustomerIndex, NOBODY } from "./customer-index.ts";
import { dayNumber } from "./days.ts";
import { GrowingColumn } from "./growing-column.ts";
import type { Labels } from "./labels.ts";
import { RunRows } from "./run-rows.ts";

const MS_PER_DAY = 86_400_000;
/** A click's day is one that can be asked for, whatever the time zone. */
const FIRST_DAY = dayNumber("0001-01-01");
const LAST_DAY = dayNumber("9999-12-31");

/** Who ordered and clicked when: orders and clicks by day, with their customers as numbers. */
export class CustomerColumns {
  /** By the kinds of what was ordered. */
  readonly orders = new RunRows();
  /** By pages. */
  readonly clicks = new RunRows();
  /** The different customers of the packed clicks, by day. */
  readonly visitors = new Map<number, Uint32Array>();
  readonly #labels: Labels;
  readonly #zone: TimeZone;
  readonly #index = new CustomerIndex();
  /** Of each customer by number; that of nobody is that of the unknown. */
  readonly #countries = new GrowingColumn();
  /** The places of the orders by their ids. */
  readonly #places = new GrowingColumn(true);
  readonly #dayOfDate = new Map<string, number>();

  constructor(labels: Labels, zone: TimeZone) {
    this.#labels = labels;
    this.#zone = zone;
    this.#countries.set(NOBODY, labels.noCountry);
  }

  /** Makes room for so many orders and customers: to grow by and by leaves memory behind that nobody can use. */
  reserve({ orders, customers }: { orders: number; customers: number }): void {
    this.#places.reserve(orders + 1);
    this.#index.reserve(customers + 1);
  }

  /** One more than the greatest number of a customer. */
  get customers(): number {
    return this.#index.size;
  }

  /** One more than the greatest number of a page. */
  get pages(): number {
    return this.#labels.pages;
  }

  /** The customers of the chosen countries. */
  customersOf(isChosen: Uint8Array): BitSet {
    const chosen = bitSet(this.customers);
    if (!isChosen.includes(0)) return chosen.fill(-1);
    const countries = this.#countries.values;
    for (let customer = 0; customer < this.customers; customer++)
      chosen[customer >>> 5]! |= isChosen[countries[customer]!]! << customer;
    return chosen;
  }

  setCustomer([, id, country]: FeedCustomer): void {
    this.#countries.set(this.#customerOf(id), this.#labels.countryOf(country));
  }

  addOrder([id, customerId, product, channel, orderDate]: FeedOrder): void {
    const kind = this.#labels.kindOf(product, channel);
    const customer = this.#customerOf(customerId);
    this.#places.set(id, this.orders.add(this.#dayOf(orderDate), kind, customer));
  }

  /** The order has to be there. What it was stays behind as an order by nobody, which does not count. */
  replaceOrder(order: FeedOrder): void {
    this.orders.forget(this.#places.values[order[0]]!);
    this.addOrder(order);
  }

  addClick([, customerId, page, ts]: FeedClick): void {
    const instantMs = Math.floor(ts / 1000);
    const day = Math.floor((instantMs + this.#zone.offsetAt(instantMs)) / MS_PER_DAY);
    this.clicks.add(
      Math.min(Math.max(day, FIRST_DAY), LAST_DAY),
      this.#labels.pageOf(page),
      this.#customerOf(customerId),
    );
  }

  packOrders(): void {
    this.orders.pack(this.#places);
  }

  packClicks(): void {
    this.clicks.pack();
    const visitors = bitSet(this.customers);
    for (const day of this.clicks.keys()) {
      visitors.fill(0);
      this.clicks.visitAll(day, (customers, from, to) => addAll(customers.subarray(from, to), visitors));
      visitors[0]! &= ~(1 << NOBODY);
      this.visitors.set(day, numbersIn(visitors));
    }
  }

  #customerOf(id: string): number {
    const customer = this.#index.numberOf(id);
    if (customer === this.#countries.length) this.#countries.push(this.#labels.noCountry);
    return customer;
  }

  #dayOf(date: string): number {
    let day = this.#dayOfDate.get(date);
    if (day === undefined) {
      day = dayNumber(date);
      this.#dayOfDate.set(date, day);
    }
    return day;
  }
}
