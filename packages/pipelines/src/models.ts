import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { IngotError, messageOf } from "@ingot/common";
import type { Check } from "@ingot/engine/checks";
import { readCheckFile, withChecks } from "./check-files.ts";
import { batchPipelines } from "./folders.ts";

/**
 * How a KPI's column is printed. `money` and `quantity` are whole numbers of 1/10000 in the warehouse: money gets two
 * decimals, half up; a quantity as many as it needs.
 */
export const COLUMN_TYPES = ["text", "integer", "date", "quantity", "money", "number"] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

export interface Kpi {
  /** The file's name without `.sql`; gold's folder and file names follow it. */
  name: string;
  /** Where it stands, for messages. */
  file: string;
  sql: string;
  /** Declared types by column: lines such as `-- column revenue money`. */
  columns: ReadonlyMap<string, ColumnType>;
  /** What has to hold for its rows. */
  checks: readonly Check[];
}

/** What has to hold for a dataset in silver, each order and customer counting once, and every click. */
export interface SilverChecks {
  dataset: CheckedDataset;
  checks: readonly Check[];
}

/** The datasets whose rows the warehouse keeps, and that can be checked there. */
export const CHECKED_DATASETS = ["clicks", "customers", "objects", "orders"] as const;
export type CheckedDataset = (typeof CHECKED_DATASETS)[number];

const SQL = ".sql";
const ENDINGS = [SQL, ".yml", ".yaml"];
const NAME = /^[a-z][a-z0-9_]*$/;
const DECLARATION = /^--\s*column\s+(\S+)\s+(\S+)/gm;

export interface LoadedModels {
  kpis: readonly Kpi[];
  silver: readonly SilverChecks[];
  /** Files that cannot be used. They do not keep other KPIs back, but those of silver's checks do. */
  invalid: readonly { name: string; error: IngotError }[];
}

/**
 * Reads the models of several folders: KPIs, one `.sql` file each, in the order of their names; the checks of KPIs and
 * of silver's datasets, one `.yml` file each. A later folder's KPI takes the place of an earlier one of the same name, with
 * its checks; later checks are added to earlier ones.
 *
 * @throws IngotError `kpi_failed` for a folder that cannot be read
 */
export async function loadModels(folders: readonly string[]): Promise<LoadedModels> {
  const kpis = new Map<string, Kpi>();
  const silver = new Map<string, readonly Check[]>();
  const invalid = new Map<string, IngotError>();
  for (const folder of folders) {
    const files = await modelFiles(folder);
    for (const file of files.filter((name) => name.endsWith(SQL))) {
      const name = path.basename(file, SQL);
      kpis.delete(name);
      invalid.delete(name);
      try {
        kpis.set(name, parseKpi(name, file, await readFile(file, "utf8")));
      } catch (error) {
        invalid.set(name, asKpiError(error, file));
      }
    }
    for (const file of files.filter((name) => !name.endsWith(SQL))) {
      const { model, checks } = await readCheckFile(file);
      const kpi = kpis.get(model);
      if (checks instanceof IngotError) {
        kpis.delete(model);
        invalid.set(model, checks);
      } else if (kpi) kpis.set(model, { ...kpi, checks: withChecks(kpi.checks, checks) });
      else if (isCheckedDataset(model)) silver.set(model, withChecks(silver.get(model) ?? [], checks));
      else if (!invalid.has(model)) invalid.set(model, withoutModel(file));
    }
  }
  return {
    kpis: [...kpis.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    silver: [...silver].map(([dataset, checks]) => ({ dataset: dataset as CheckedDataset, checks })),
    invalid: [...invalid].map(([name, error]) => ({ name, error })),
  };
}

export function isCheckedDataset(name: string): name is CheckedDataset {
  return (CHECKED_DATASETS as readonly string[]).includes(name);
}

function withoutModel(file: string): IngotError {
  const datasets = CHECKED_DATASETS.join(", ");
  const text = `${file} declares checks, but there is no KPI of this name; the datasets that can be checked are ${datasets}.`;
  return new IngotError("check_failed", text);
}

function asKpiError(error: unknown, file: string): IngotError {
  if (error instanceof IngotError) return error;
  return new IngotError("kpi_failed", `${file} cannot be read: ${messageOf(error)}`, { cause: error });
}

async function modelFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => ENDINGS.some((ending) => name.endsWith(ending)))
      .sort()
      .map((name) => path.join(folder, name));
  } catch (cause) {
    const message = `The folder of KPIs ${folder} cannot be read: ${messageOf(cause)}. Mend KPI_DIR.`;
    throw new IngotError("kpi_failed", message, { cause, context: { variable: "KPI_DIR" } });
  }
}

function parseKpi(name: string, file: string, sql: string): Kpi {
  if (batchPipelines().includes(name)) {
    throw new IngotError(
      "kpi_failed",
      `${file}: ${name} is a pipeline, and gold/${name} its folder. Give the KPI's file another name.`,
    );
  }
  if (!NAME.test(name) || name === "latest") {
    throw new IngotError(
      "kpi_failed",
      `${file}: a KPI's file name is of a-z, 0-9 and _, such as sales_by_week.sql.`,
    );
  }
  const columns = new Map<string, ColumnType>();
  for (const [, column = "", type = ""] of sql.matchAll(DECLARATION)) {
    const known = COLUMN_TYPES.find((candidate) => candidate === type);
    if (!known) {
      const allowed = COLUMN_TYPES.join(", ");
      throw new IngotError(
        "kpi_failed",
        `${file}: column ${column} has the type "${type}". Allowed: ${allowed}.`,
      );
    }
    columns.set(column, known);
  }
  return { name, file, sql, columns, checks: [] };
}
