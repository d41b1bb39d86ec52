import { IngotError } from "@ingot/common";
import { batchPipelines, DATASETS, type DatasetName, ECOMMERCE } from "@ingot/pipelines";

type FlagValue = string | boolean | undefined;

/** @throws IngotError `usage` for what is no dataset */
export function datasetFlag(given: FlagValue): DatasetName | undefined {
  if (given === undefined) return undefined;
  if (typeof given === "string" && Object.hasOwn(DATASETS, given)) return given as DatasetName;
  throw new IngotError("usage", `--dataset is "${given}". Allowed: ${Object.keys(DATASETS).join(", ")}.`);
}

/** @throws IngotError `usage` for what is no pipeline */
export function pipelineFlag(given: FlagValue): string | undefined {
  if (given === undefined) return undefined;
  const known = [ECOMMERCE.name, ...batchPipelines()];
  if (typeof given === "string" && known.includes(given)) return given;
  throw new IngotError("usage", `--pipeline is "${given}". Allowed: ${known.join(", ")}.`);
}

/** @throws IngotError `usage` for what is no whole number from 1 on */
export function positive(value: FlagValue, flag: string): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0 && number < 2 ** 31 / 1000) return number;
  throw new IngotError("usage", `--${flag} is "${value}". Allowed: a whole number from 1 on.`);
}
