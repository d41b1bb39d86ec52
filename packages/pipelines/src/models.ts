import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { IngotError, messageOf } from "@ingot/common";

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
}

export const ECOMMERCE_KPIS = fileURLToPath(new URL("./ecommerce/gold", import.meta.url));

const NAME = /^[a-z][a-z0-9_]*$/;
const DECLARATION = /^--\s*column\s+(\S+)\s+(\S+)/gm;

export interface LoadedKpis {
  kpis: readonly Kpi[];
  /** Files that cannot be used; they do not keep the others back. */
  invalid: readonly { name: string; error: IngotError }[];
}

/**
 * Reads the KPIs of several folders, one `.sql` file each, in the order of their names. A later folder's file takes the
 * place of an earlier one's of the same name.
 *
 * @throws IngotError `kpi_failed` for a folder that cannot be read
 */
export async function loadKpis(folders: readonly string[]): Promise<LoadedKpis> {
  const kpis = new Map<string, Kpi>();
  const invalid = new Map<string, IngotError>();
  for (const folder of folders) {
    for (const file of await sqlFiles(folder)) {
      const name = path.basename(file, ".sql");
      kpis.delete(name);
      try {
        kpis.set(name, parseKpi(name, file, await readFile(file, "utf8")));
      } catch (error) {
        invalid.set(name, asKpiError(error, file));
      }
    }
  }
  return {
    kpis: [...kpis.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    invalid: [...invalid].map(([name, error]) => ({ name, error })),
  };
}

function asKpiError(error: unknown, file: string): IngotError {
  if (error instanceof IngotError) return error;
  return new IngotError("kpi_failed", `${file} cannot be read: ${messageOf(error)}`, { cause: error });
}

async function sqlFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => name.endsWith(".sql")).map((name) => path.join(folder, name));
  } catch (cause) {
    const message = `The folder of KPIs ${folder} cannot be read: ${messageOf(cause)}. Mend KPI_DIR.`;
    throw new IngotError("kpi_failed", message, { cause, context: { variable: "KPI_DIR" } });
  }
}

function parseKpi(name: string, file: string, sql: string): Kpi {
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
  return { name, file, sql, columns };
}
