export type ColumnType = "text" | "date" | "integer" | "number" | "money" | "quantity";

/** `GET /api/kpis`: what is in gold. */
export interface KpiList {
  kpis: KpiInfo[];
}

export interface KpiInfo {
  name: string;
  columns: { name: string; type: ColumnType }[];
  rows: number;
  updated_at: string;
  /** Addresses below the server's own. */
  csv: string;
  json: string;
  xlsx: string;
}

/** A row of `GET /api/kpis/<kpi>.json` and `/api/sales/<table>.json`, which are arrays of these. */
export type TableRow = Record<string, string | number | null>;
