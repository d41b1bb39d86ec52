import { fileURLToPath } from "node:url";
import { CONTINUOUS } from "../folders.ts";
import { DATASETS, type Dataset, type DatasetName } from "./datasets.ts";
import { cleanClick } from "./silver/clicks.ts";
import { cleanCustomer } from "./silver/customers.ts";
import { cleanOrder } from "./silver/orders.ts";
import type { Rule } from "./silver/rule.ts";

/** A business whose files are cleaned one by one as they come, and whose gold follows within seconds. */
export interface ContinuousPipeline {
  /** Its name on the command line. It owns what lies in no other pipeline's folder. */
  name: string;
  /** What it does, in one line. */
  summary: string;
  /** Files are CSV, JSON or JSON Lines, also gzipped, whatever their names end in; their names begin with the source's. */
  sources: Readonly<Record<DatasetName, Source>>;
  /** Folders with the checks of silver's datasets, and with gold's KPIs and their checks; later ones take precedence. */
  models: readonly string[];
  /** The option with the milliseconds after which services look for new files, where the storage does not tell of them. */
  schedule: { continuous: "pollInterval" };
}

export interface Source extends Dataset {
  /** Makes a silver row of a record, or says why it is not kept. */
  rule: Rule;
}

/** The simulated shop, or your own. */
export const ECOMMERCE: ContinuousPipeline = {
  name: CONTINUOUS,
  summary: "A web shop's customers, orders and clicks: KPIs that follow each file within seconds",
  sources: {
    customers: { ...DATASETS.customers, rule: cleanCustomer },
    orders: { ...DATASETS.orders, rule: cleanOrder },
    clicks: { ...DATASETS.clicks, rule: cleanClick },
  },
  models: [folder("./silver"), folder("./gold")],
  schedule: { continuous: "pollInterval" },
};

function folder(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
