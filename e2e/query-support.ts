import { spawn } from "node:child_process";
import Papa from "papaparse";
import { type Finished, finished, INGOT, type Lake } from "./support.ts";

/** Runs `ingot` with arguments that may have blanks. */
export function ingotWith(
  args: readonly string[],
  { cwd, env, input }: { cwd: string; env: Record<string, string>; input?: string },
): Promise<Finished> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [INGOT, ...args], { cwd, env: { PATH, HOME, ...env } });
  child.stdin.end(input ?? "");
  return finished(child);
}

/** Runs `ingot query` on a folder lake. */
export const query = (lake: Lake, ...args: string[]): Promise<Finished> =>
  ingotWith(["query", ...args], { cwd: lake.folder, env: { LAKE_URL: lake.folder } });

/** The KPIs of gold, asked of silver's tables, as texts that gold's CSV files are to be equal to. */
export const KPI_QUERIES: Readonly<Record<string, string>> = {
  sales_by_day: `SELECT order_date, count(*) AS orders, round(sum(total_amount), 2)::DECIMAL(38,2) AS revenue
    FROM orders GROUP BY ALL ORDER BY order_date`,
  top_products: `SELECT row_number() OVER (ORDER BY sum(total_amount) DESC, product) AS rank, product, count(*) AS orders,
      rtrim(rtrim(coalesce(sum(quantity), 0)::VARCHAR, '0'), '.') AS quantity,
      round(sum(total_amount), 2)::DECIMAL(38,2) AS revenue
    FROM orders GROUP BY product ORDER BY rank LIMIT 10`,
  revenue_by_channel: `SELECT channel, count(*) AS orders, round(sum(total_amount), 2)::DECIMAL(38,2) AS revenue
    FROM orders GROUP BY ALL ORDER BY sum(total_amount) DESC, channel`,
  revenue_by_country: `SELECT coalesce(country, 'NA') AS country, count(*) AS orders,
      round(sum(total_amount), 2)::DECIMAL(38,2) AS revenue
    FROM orders LEFT JOIN customers USING (customer_id) GROUP BY ALL ORDER BY sum(total_amount) DESC, country`,
};

/**
 * What the lake's tables say the KPIs are, by name. All are asked for at once: to start a process takes longer than to answer.
 *
 * @param ask runs a query whose result is CSV
 */
export async function queriedKpis(ask: (sql: string) => Promise<Finished>): Promise<Record<string, string>> {
  const asked = Object.entries(KPI_QUERIES).map(
    ([name, sql]) =>
      `SELECT '${name}' AS kpi, to_json(line)::VARCHAR AS line FROM (SELECT COLUMNS(*)::VARCHAR FROM (${sql})) AS line`,
  );
  const { code, stdout, stderr } = await ask(asked.join(" UNION ALL "));
  if (code !== 0) return { error: stderr };
  const { data } = Papa.parse<{ kpi: string; line: string }>(stdout, { header: true, skipEmptyLines: true });
  const csv = (lines: readonly { line: string }[]): string => {
    const rows = lines.map(({ line }) => JSON.parse(line));
    return `${Papa.unparse(rows, { newline: "\n" })}\n`;
  };
  const byName = Object.entries(Object.groupBy(data, ({ kpi }) => kpi));
  return Object.fromEntries(byName.map(([name, lines]) => [name, csv(lines!)]));
}

/** The same KPIs out of `naiveGold`. */
export function comparable(gold: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(gold).filter(([name]) => name in KPI_QUERIES));
}
