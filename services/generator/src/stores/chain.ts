import { faker as fr } from "@faker-js/faker/locale/fr";
import { Random } from "../random.ts";
import { seededFaker } from "../seeded-faker.ts";
import type { RetailFaultRates } from "./faults.ts";
import { PRODUCT_KINDS } from "./product-kinds.ts";
import { uuid } from "./uuid.ts";

export const CITIES = ["Paris", "Lyon", "Marseille", "Nice", "Toulouse"] as const;

/** The fields of these three stand in the order that files have them in (contract: retail stores, section 1). */
export interface Client {
  id: string;
  name: string;
  age: number;
  gender: "Homme" | "Femme";
  loyalty_card: boolean;
  city: string;
}

export interface Product {
  id: string;
  name: string;
  category: string;
  /** Of one, in euros, with two decimals at most; so is `cost`. */
  price: number;
  cost: number;
}

export interface Store {
  id: string;
  name: string;
  location: string;
  /** How many visitors it has room for at once. */
  capacity: number;
  /** Hours of the day as text, as the files have them; it is closed from `closing_hour` on. */
  opening_hour: string;
  closing_hour: string;
}

/** A chain of stores, with all whom it sells to and all that it sells. It does not change from day to day. */
export interface Chain {
  seed: number;
  faults: RetailFaultRates;
  clients: readonly Client[];
  products: readonly Product[];
  stores: readonly Store[];
}

export interface ChainOptions {
  /** A whole number, 0 or more. */
  seed: number;
  clients: number;
  products: number;
  stores: number;
  faults: RetailFaultRates;
}

export const USUAL_CHAIN = { clients: 20_000, products: 50, stores: 10 } as const;

/** The draws for one purpose: what is drawn for another moves nothing here. */
export const streamOf = (seed: number, ...purpose: (string | number)[]): Random =>
  new Random(["retail-stores", seed, ...purpose].join("/"));

/** The chain of a seed. A larger one has the clients, products and stores of a smaller one, and more. */
export function createChain({ seed, faults, ...counts }: ChainOptions): Chain {
  return {
    seed,
    faults,
    clients: clientsOf(seed, counts.clients, faults),
    products: productsOf(seed, counts.products),
    stores: storesOf(seed, counts.stores),
  };
}

function clientsOf(seed: number, count: number, faults: RetailFaultRates): Client[] {
  const random = streamOf(seed, "clients");
  const errors = streamOf(seed, "clients", "errors");
  const { person } = seededFaker(fr, () => random.next());
  return Array.from({ length: count }, () => {
    const id = uuid(random);
    const gender = random.chance(0.5) ? "Homme" : "Femme";
    const sex = gender === "Homme" ? "male" : "female";
    const name = `${person.firstName(sex)} ${person.lastName(sex)}`;
    const age = random.between(18, 80);
    const isImpossible = errors.chance(faults.impossible_age);
    const impossible = errors.between(200, 1000);
    const loyalty_card = random.chance(0.3);
    return {
      id,
      name,
      age: isImpossible ? impossible : age,
      gender,
      loyalty_card,
      city: random.pick(CITIES),
    };
  });
}

function productsOf(seed: number, count: number): Product[] {
  const random = streamOf(seed, "products");
  const made = new Map<string, number>();
  return Array.from({ length: count }, () => {
    const id = uuid(random);
    const { name, category, fromCents, toCents } = random.pick(PRODUCT_KINDS);
    const number = (made.get(name) ?? 0) + 1;
    made.set(name, number);
    const cents = random.between(fromCents, toCents);
    const costCents = Math.round(cents * (0.5 + 0.3 * random.next()));
    return { id, name: `${name}_${number}`, category, price: cents / 100, cost: costCents / 100 };
  });
}

function storesOf(seed: number, count: number): Store[] {
  const random = streamOf(seed, "stores");
  return Array.from({ length: count }, (_, index) => ({
    id: uuid(random),
    name: `Magasin_${index + 1}`,
    location: random.pick(CITIES),
    capacity: random.between(100, 1500),
    opening_hour: String(random.between(7, 9)),
    closing_hour: String(random.between(19, 22)),
  }));
}
