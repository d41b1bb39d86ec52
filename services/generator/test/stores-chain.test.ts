import { expect, test } from "vitest";
import { createChain, NO_RETAIL_FAULTS, retailFaultRates, USUAL_CHAIN } from "../src/index.ts";
import { isChance, isUniform, UUID, WEEKDAY, wholeNumbers, written } from "./stores-support.ts";

const CITIES = ["Paris", "Lyon", "Marseille", "Nice", "Toulouse"];

/** Kind, lowest and highest price in euros, category (contract: retail stores, section 1). */
const KINDS: Readonly<Record<string, readonly [number, number, string]>> = {
  Smartphone: [100, 2500, "Électronique"],
  Ordinateur: [200, 3000, "Électronique"],
  Télévision: [100, 2000, "Électronique"],
  Chaise: [10, 200, "Meubles"],
  Bureau: [50, 400, "Meubles"],
  Shampooing: [1, 20, "Beauté"],
  Chaussures: [10, 300, "Mode"],
  "T-shirt": [5, 50, "Mode"],
  Maquillage: [1, 50, "Beauté"],
  "Fruits&legumes": [0.5, 10, "Alimentation"],
  Viande: [5, 20, "Alimentation"],
};

const faults = retailFaultRates();
const chainOfSize = (size: { clients?: number; products?: number; stores?: number }, seed = 1) =>
  createChain({ seed, faults, clients: 1, products: 1, stores: 1, ...size });

test("20,000 clients: city, gender, card and age as the contract has them, a few ages impossible", () => {
  const { clients } = chainOfSize({ clients: USUAL_CHAIN.clients });
  expect(clients).toHaveLength(20_000);
  expect(new Set(clients.map(({ id }) => id)).size).toBe(20_000);
  expect(clients.every(({ id, name }) => UUID.test(id) && /^\p{L}[^"]* \p{L}/u.test(name))).toBe(true);
  expect(new Set(clients.map(({ name }) => name)).size).toBeGreaterThan(10_000);
  expect(
    isUniform(
      clients.map(({ city }) => city),
      CITIES,
    ),
  ).toBe(true);
  expect(
    isUniform(
      clients.map(({ gender }) => gender),
      ["Homme", "Femme"],
    ),
  ).toBe(true);
  const cards = clients.filter(({ loyalty_card }) => loyalty_card);
  expect(isChance(cards.length, clients.length, 0.3)).toBe(true);
  const ages = clients.map(({ age }) => age);
  const possible = ages.filter((age) => age <= 80);
  expect(isUniform(possible, wholeNumbers(18, 80))).toBe(true);
  expect(isChance(ages.length - possible.length, ages.length, 0.0002)).toBe(true);
});

test("impossible ages are 200 to 1000, and change nothing else", () => {
  const size = { seed: 1, clients: 8000, products: 1, stores: 1 };
  const wrong = createChain({ ...size, faults: retailFaultRates({ impossible_age: 1 }) });
  const ages = new Set(wrong.clients.map(({ age }) => age));
  expect([Math.min(...ages), Math.max(...ages)]).toEqual([200, 1000]);
  const right = createChain({ ...size, faults: NO_RETAIL_FAULTS });
  expect(right.clients.every(({ age }) => age >= 18 && age <= 80)).toBe(true);
  const ageless = (clients: typeof right.clients) => clients.map((client) => ({ ...client, age: 0 }));
  expect(ageless(wrong.clients)).toEqual(ageless(right.clients));
});

test("products of all kinds, each with its category, its prices and its own numbers from 1", () => {
  const { products } = chainOfSize({ products: 11_000 });
  expect(products.every(({ id }) => UUID.test(id))).toBe(true);
  const kinds = products.map(({ name }) => name.replace(/_\d+$/, ""));
  expect(isUniform(kinds, Object.keys(KINDS))).toBe(true);
  for (const [kind, [low, high, category]] of Object.entries(KINDS)) {
    const own = products.filter((_, index) => kinds[index] === kind);
    expect(own.map(({ name }) => name)).toEqual(own.map((_, index) => `${kind}_${index + 1}`));
    expect(new Set(own.map((product) => product.category))).toEqual(new Set([category]));
    const prices = own.map(({ price }) => price);
    const near = (high - low) / 50;
    expect(
      [Math.min(...prices) - low, high - Math.max(...prices)].every((gap) => gap >= 0 && gap < near),
    ).toBe(true);
  }
  const isCents = (euros: number): boolean => euros === Number(euros.toFixed(2));
  expect(products.every(({ price, cost }) => isCents(price) && isCents(cost))).toBe(true);
  const shares = products.filter(({ price }) => price > 100).map(({ price, cost }) => cost / price);
  expect(Math.min(...shares)).toBeCloseTo(0.5, 2);
  expect(Math.max(...shares)).toBeCloseTo(0.8, 2);
  expect(shares.reduce((sum, share) => sum + share) / shares.length).toBeCloseTo(0.65, 2);
});

test("stores: a city, a capacity of 100 to 1500, hours as text", () => {
  const { stores } = chainOfSize({ stores: 14_010 });
  expect(stores.slice(0, 10).map(({ name }) => name)).toEqual(wholeNumbers(1, 10).map((n) => `Magasin_${n}`));
  const values = <T>(of: (store: (typeof stores)[number]) => T): T[] => stores.map(of);
  expect(
    isUniform(
      values(({ location }) => location),
      CITIES,
    ),
  ).toBe(true);
  expect(
    isUniform(
      values(({ capacity }) => capacity),
      wholeNumbers(100, 1500),
    ),
  ).toBe(true);
  expect(
    isUniform(
      values(({ opening_hour }) => opening_hour),
      ["7", "8", "9"],
    ),
  ).toBe(true);
  expect(
    isUniform(
      values(({ closing_hour }) => closing_hour),
      ["19", "20", "21", "22"],
    ),
  ).toBe(true);
});

test("a larger chain has the smaller one in it; another seed has nobody of it", () => {
  const small = chainOfSize({ clients: 50, products: 10, stores: 3 });
  const large = chainOfSize({ clients: 80, products: 40, stores: 12 });
  expect(large.clients.slice(0, 50)).toEqual(small.clients);
  expect(large.products.slice(0, 10)).toEqual(small.products);
  expect(large.stores.slice(0, 3)).toEqual(small.stores);
  const other = chainOfSize({ clients: 50, products: 10, stores: 3 }, 2);
  const ids = new Set([...small.clients, ...small.products, ...small.stores].map(({ id }) => id));
  for (const { id } of [...other.clients, ...other.products, ...other.stores]) expect(ids).not.toContain(id);
});

test("the three files are JSON arrays in UTF-8, an object a line, fields in the contract's order", async () => {
  const chain = chainOfSize({ clients: 5, products: 40, stores: 2 });
  const { texts, ...files } = await written(chain, WEEKDAY);
  expect(files.clients()).toEqual(chain.clients);
  expect(files.products()).toEqual(chain.products);
  expect(files.stores()).toEqual(chain.stores);
  const fields = (key: string): string[] => {
    const lines = texts.get(key)!.split("\n");
    expect([lines[0], ...lines.slice(-2)]).toEqual(["[", "]", ""]);
    return Object.keys(JSON.parse(lines[1]!.replace(/,$/, "")));
  };
  expect(fields("retail-stores/clients/clients.json")).toEqual(
    "id name age gender loyalty_card city".split(" "),
  );
  expect(fields("retail-stores/products/products.json")).toEqual("id name category price cost".split(" "));
  expect(fields("retail-stores/stores/stores.json")).toEqual(
    "id name location capacity opening_hour closing_hour".split(" "),
  );
});
