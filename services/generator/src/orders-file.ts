import { POPULAR_PRODUCTS } from "./catalogue.ts";
import type { CustomerPool } from "./customer-pool.ts";
import { type Order, type OrderLine, orderLine } from "./order-line.ts";
import type { Customer } from "./people.ts";
import { type Random, Weighted } from "./random.ts";
import { TextFile } from "./text-file.ts";
import type { TickContext } from "./tick-context.ts";

const CHANNELS = new Weighted(["web", "mobile", "store"], (_channel, index) => [52, 33, 15][index]!);
const QUANTITY_WEIGHTS = [620, 210, 90, 35, 15, 12, 2, 3, 1, 7, 1, 4];
const QUANTITIES = new Weighted(
  QUANTITY_WEIGHTS.map((_weight, index) => index + 1),
  (_quantity, index) => QUANTITY_WEIGHTS[index]!,
);

/** How many of the last orders can come again. */
const REMEMBERED = 2_000;

/** An order of which at least one valid line has been written. */
interface WrittenOrder extends Order {
  json: string;
  /** The earliest and the latest instant that its lines say, epoch milliseconds. */
  firstMs: number;
  lastMs: number;
}

/** Writes the orders files of a world, and remembers the last orders in order to send some of them again. */
export class OrderBook {
  private earlier: WrittenOrder[] = [];

  /**
   * One tick's orders (contract: e-commerce, section 1): a JSON array, one element per line, in the order of time.
   * A record that repeats an order takes the place of a new one, so that the file has one record for each instant.
   *
   * @param late customers whose record comes a tick later: each of them orders something now
   */
  file(context: TickContext, instants: Float64Array, pool: CustomerPool, late: readonly Customer[]): Buffer {
    const shop = context.stream("orders");
    const faults = context.stream("order faults");
    const buyers = new Map(late.map((customer) => [shop.int(instants.length), customer]));
    const file = new TextFile();
    file.line("[");
    const recent: WrittenOrder[] = [];
    let number = 0;
    instants.forEach((instantMs, index) => {
      let json = this.repeat(instantMs, recent, context, faults);
      if (json === undefined) {
        const buyer = buyers.get(index) ?? pool.active(shop);
        const order = newOrder(context.id("O", ++number), buyer, shop);
        const line = orderLine(order, instantMs, context.faults, faults);
        json = line.json;
        remember(recent, number, order, line);
      }
      file.line(index === instants.length - 1 ? json : `${json},`);
    });
    file.line("]");
    this.earlier = [...this.earlier, ...recent].slice(-REMEMBERED);
    return file.bytes();
  }

  /** A record for an order that has been written before, where the draws say so. */
  private repeat(
    instantMs: number,
    recent: readonly WrittenOrder[],
    { faults }: TickContext,
    random: Random,
  ): string | undefined {
    const inFile = random.chance(faults.duplicate_in_file);
    const newer = random.chance(faults.duplicate_newer);
    const stale = random.chance(faults.duplicate_stale);
    if (inFile && recent.length > 0) {
      const order = random.pick(recent);
      if (random.chance(0.5)) return order.json;
      // Half of the rest say the same instant as before, so that only their position decides.
      const saysMs = random.chance(0.5) ? order.lastMs : Math.max(instantMs, order.lastMs + 1000);
      return revise(order, saysMs, faults, random);
    }
    if (newer && this.earlier.length > 0) {
      const order = random.pick(this.earlier);
      return revise(order, Math.max(instantMs, order.lastMs + 1000), faults, random);
    }
    if (stale && this.earlier.length > 0) {
      const order = random.pick(this.earlier);
      const earlierMs = order.firstMs - 1000 * (1 + random.int(3600));
      return orderLine({ ...order, quantity: otherQuantity(order, random) }, earlierMs, faults, random).json;
    }
    return undefined;
  }
}

function newOrder(id: string, customer: Customer, random: Random): Order {
  const product = POPULAR_PRODUCTS.pick(random);
  return {
    id,
    customerId: customer.id,
    product,
    quantity: QUANTITIES.pick(random),
    channel: CHANNELS.pick(random),
  };
}

/** Keeps an order whose line can be repeated; of many orders, the last ones. */
function remember(recent: WrittenOrder[], number: number, order: Order, { json, saysMs }: OrderLine): void {
  if (saysMs === undefined) return;
  const written = { ...order, json, firstMs: saysMs, lastMs: saysMs };
  if (recent.length < REMEMBERED) recent.push(written);
  else recent[number % REMEMBERED] = written;
}

/** The same order with another quantity, as a line that says `instantMs`. */
function revise(
  order: WrittenOrder,
  instantMs: number,
  faults: TickContext["faults"],
  random: Random,
): string {
  order.quantity = otherQuantity(order, random);
  const line = orderLine(order, instantMs, faults, random);
  if (line.saysMs !== undefined) order.lastMs = Math.max(order.lastMs, line.saysMs);
  return line.json;
}

function otherQuantity({ quantity }: Order, random: Random): number {
  return quantity > 1 && random.chance(0.5) ? quantity - 1 : quantity + 1;
}
