import {
  bronzeKeyOf,
  hasInputEnding,
  quarantineKeyOf,
  silverKeyOf,
  splitKey,
} from "@ingot/common/object-names";
import { batchPipelineOf } from "../folders.ts";

/** The three kinds of records that a shop's systems deliver. */
export type DatasetName = "customers" | "orders" | "clicks";

export interface Dataset {
  name: DatasetName;
  /** How the ending of the shop's own files is; others are read as well. */
  usualEnding: ".csv" | ".json" | ".txt";
  /** The raw fields (contract: e-commerce, section 1), in the order of the generator's files. */
  bronzeFields: readonly string[];
  /** The silver columns (contract: e-commerce, section 2), in their fixed order. */
  silverColumns: readonly string[];
}

export const DATASETS: Readonly<Record<DatasetName, Dataset>> = {
  customers: {
    name: "customers",
    usualEnding: ".csv",
    bronzeFields: ["customer_id", "first_name", "last_name", "email", "country", "signup_date"],
    silverColumns: ["customer_id", "email_h", "first_initial", "last_initial", "country", "signup_date"],
  },
  orders: {
    name: "orders",
    usualEnding: ".json",
    bronzeFields: [
      "order_id",
      "customer_id",
      "product",
      "quantity",
      "unit_price",
      "total_amount",
      "order_ts",
      "channel",
    ],
    silverColumns: [
      "order_id",
      "customer_id",
      "product",
      "quantity",
      "unit_price",
      "total_amount",
      "order_ts",
      "order_date",
      "channel",
    ],
  },
  clicks: {
    name: "clicks",
    usualEnding: ".txt",
    bronzeFields: ["customer_id", "page", "ip", "ts"],
    silverColumns: ["customer_id", "page", "ts"],
  },
};

const NAMES = Object.keys(DATASETS) as DatasetName[];

/**
 * Which dataset a bronze object belongs to, by its base name; `undefined` for an object that is no input, or another
 * pipeline's.
 */
export function datasetOfBronze(bronzeKey: string): Dataset | undefined {
  if (batchPipelineOf(bronzeKey) !== undefined) return undefined;
  const { base } = splitKey(bronzeKey);
  const name = NAMES.find((candidate) => base.startsWith(candidate));
  return name && hasInputEnding(base.slice(name.length)) ? DATASETS[name] : undefined;
}

/** Which dataset a silver object belongs to; `undefined` for an object that the cleaner did not name. */
export function datasetOfSilver(silverKey: string): Dataset | undefined {
  if (batchPipelineOf(silverKey) !== undefined) return undefined;
  const { base } = splitKey(silverKey);
  const name = NAMES.find((candidate) => base.startsWith(`${candidate}_clean_`));
  return name && base.endsWith(".csv") ? DATASETS[name] : undefined;
}

export const silverKey = (dataset: Dataset, bronzeKey: string): string =>
  silverKeyOf(dataset.name, dataset.usualEnding, bronzeKey);

export const bronzeKey = (dataset: Dataset, silverKey: string): string =>
  bronzeKeyOf(dataset.name, dataset.usualEnding, silverKey);

export const quarantineKey = quarantineKeyOf;
