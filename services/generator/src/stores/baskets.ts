import type { Random } from "../random.ts";
import type { Chain, Client, Product, Store } from "./chain.ts";
import { uuid } from "./uuid.ts";

const MOST_PRODUCTS = 5;
const MOST_OF_ONE = 5;
const SECONDS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));

/** Stands between the objects of a file. */
export const SEPARATOR = ",\n";

/** The sale lines of an hour, JSON objects with separators between them; empty where there are none. */
export interface SaleLines {
  text: string;
  lines: number;
  /** Baskets that nobody is there to buy: no client lives in the store's city. */
  skipped: number;
}

/** Fills baskets with a chain's products for its clients. What all lines have in common is made once. */
export class Baskets {
  readonly #products: readonly Product[];
  readonly #amounts: readonly (readonly string[])[];
  readonly #clients: ReadonlyMap<string, readonly Client[]>;

  constructor({ products, clients }: Pick<Chain, "products" | "clients">) {
    this.#products = products;
    this.#amounts = products.map(amountsOf);
    this.#clients = Map.groupBy(clients, ({ city }) => city);
  }

  /**
   * So many baskets of a store in an hour: each a client of the store's city, 1 to 5 different products, of each 1 to 5,
   * and one time (contract: retail stores, section 3).
   *
   * @param date `yyyy-MM-dd`
   * @param hour 0 to 23
   */
  ofHour(store: Store, date: string, hour: number, baskets: number, random: Random): SaleLines {
    const clients = this.#clients.get(store.location);
    if (!clients) return { text: "", lines: 0, skipped: baskets };
    const shelf = Uint32Array.from(this.#products.keys());
    const most = Math.min(MOST_PRODUCTS, shelf.length);
    let text = "";
    let lines = 0;
    for (let basket = 0; basket < baskets; basket++) {
      const kinds = random.between(1, most);
      const saleId = uuid(random);
      const head = `${SEPARATOR}{"sale_id":"${saleId}","nb_type_product":${kinds},"product_id":"`;
      const buyer = `","client_id":"${random.pick(clients).id}","store_id":"${store.id}",`;
      const second = random.int(3600);
      const time = `${SECONDS[hour]}:${SECONDS[Math.floor(second / 60)]}:${SECONDS[second % 60]}`;
      const tail = `,"sale_date":"${date}","sale_time":"${time}"}`;
      for (let line = 0; line < kinds; line++) {
        const product = take(shelf, line, random);
        const amount = this.#amounts[product]![random.int(MOST_OF_ONE)];
        text += `${head}${this.#products[product]!.id}${buyer}${amount}${tail}`;
      }
      lines += kinds;
    }
    return { text: text.slice(SEPARATOR.length), lines, skipped: 0 };
  }
}

/** A product's quantity and amount as a line has them, for each quantity from 1. */
function amountsOf({ price }: Product): string[] {
  const cents = Math.round(price * 100);
  return Array.from({ length: MOST_OF_ONE }, (_, index) => {
    const quantity = index + 1;
    return `"quantity":${quantity},"sale_amount":${(cents * quantity) / 100}`;
  });
}

/** Puts an item at `place`, of which any from there on has the same chance, and tells which. */
function take(items: Uint32Array, place: number, random: Random): number {
  const from = place + random.int(items.length - place);
  const taken = items[from]!;
  items[from] = items[place]!;
  items[place] = taken;
  return taken;
}
