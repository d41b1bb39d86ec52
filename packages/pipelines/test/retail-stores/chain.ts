import type { RunOptions, RunOutcome } from "@ingot/engine/batch";
import { openTestLake, type TestLake } from "../../../engine/test/batch/corner-shop.ts";
import RETAIL_STORES from "../../src/retail-stores/pipeline.ts";

export type Metrics = Readonly<Record<string, string>>;

/** A chain of stores with a lake of its own. */
export interface Chain extends AsyncDisposable {
  /** Puts records into bronze, as a JSON array. */
  put(key: string, records: readonly object[]): Promise<void>;
  putText(key: string, text: string | Buffer): Promise<void>;
  run(options?: Partial<RunOptions>): Promise<RunOutcome>;
  /** The metrics as gold has them. */
  csv(): Promise<string>;
  metrics(): Promise<Metrics[]>;
  /** Reasons in quarantine of an object, in the order of its records. */
  reasons(key: string): Promise<string[]>;
  lake: TestLake["lake"];
}

export const PRODUCTS = [
  { id: "A", name: "Chaise_1", category: "Meubles", price: 20, cost: 5.25 },
  { id: "B", name: "Bureau_1", category: "Meubles", price: 100.1, cost: 50 },
];

export const STORES = [
  { id: "S1", name: "Magasin_1", location: "Paris", capacity: 100, opening_hour: "8", closing_hour: "20" },
  { id: "S2", name: "Magasin_2", location: "Lyon", capacity: 200, opening_hour: 9, closing_hour: 19 },
];

/** An hour of the first store; only what matters to a test needs to be given. */
export const hour = (values: object = {}): object => ({
  store_id: "S1",
  store_name: "Magasin_1",
  date: "2026-01-05",
  hour: 10,
  visitors: 10,
  sales: 1,
  ...values,
});

let lines = 0;

/** A line of a basket of its own. */
export const line = (values: object = {}): object => ({
  sale_id: `sale-${++lines}`,
  nb_type_product: 1,
  product_id: "A",
  client_id: "C1",
  store_id: "S1",
  quantity: 1,
  sale_amount: 20,
  sale_date: "2026-01-05",
  sale_time: "10:20:30",
  ...values,
});

export async function openChain(): Promise<Chain> {
  const test = await openTestLake();
  const text = (key: string): Promise<string> => test.text("gold", `retail-stores/latest/${key}`);
  const putText = async (key: string, content: string | Buffer): Promise<void> => {
    await test.lake.bronze.write(`retail-stores/${key}`, Buffer.from(content));
  };
  const csv = () => text("store_daily_metrics.csv");
  return {
    lake: test.lake,
    putText,
    put: (key, records) => putText(key, JSON.stringify(records)),
    run: (options = {}) => test.run(options, RETAIL_STORES),
    csv,
    metrics: async () => metricsIn(await csv()),
    reasons: async (key) => {
      const found = await test.keys("quarantine", `retail-stores/${key}`);
      const texts = await Promise.all(found.map((name) => test.text("quarantine", name)));
      return texts.flatMap((all) =>
        all
          .trimEnd()
          .split("\n")
          .map((rejection) => JSON.parse(rejection).reason),
      );
    },
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  };
}

/** Rows of a file whose values need no quotes. */
export function metricsIn(csv: string): Metrics[] {
  const [header = "", ...rows] = csv.trimEnd().split(/\r?\n/);
  const names = header.split(",");
  return rows.map((row) => Object.fromEntries(row.split(",").map((value, at) => [names[at]!, value])));
}
