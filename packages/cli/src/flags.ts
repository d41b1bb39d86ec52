import { IngotError } from "@ingot/common";
import { DATASETS, type DatasetName } from "@ingot/pipelines";

type FlagValue = string | boolean | undefined;

/** @throws IngotError `usage` for what is no dataset */
export function datasetFlag(given: FlagValue): DatasetName | undefined {
  if (given === undefined) return undefined;
  if (typeof given === "string" && Object.hasOwn(DATASETS, given)) return given as DatasetName;
  throw new IngotError("usage", `--dataset is "${given}". Allowed: ${Object.keys(DATASETS).join(", ")}.`);
}

/** @throws IngotError `usage` for what is no whole number from 1 on */
export function positive(value: FlagValue, flag: string): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0 && number < 2 ** 31 / 1000) return number;
  throw new IngotError("usage", `--${flag} is "${value}". Allowed: a whole number from 1 on.`);
}
