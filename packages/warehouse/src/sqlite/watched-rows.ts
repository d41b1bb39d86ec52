import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { QueryResult, RowCondition, WatchedTable } from "../warehouse.ts";
import { CLICK_TS_TEXT, CUSTOMER_COLUMNS, ORDER_COLUMNS, ORDER_TS_TEXT } from "./schema.ts";

/**
 * The rows of a step, as the table's view would show them: those that come (`1`) and those that they replace (`-1`). To be
 * asked between the picking of the winners and their storing.
 */
const CHANGES: Readonly<Record<WatchedTable, string>> = {
  orders: `
SELECT 1 AS change, order_id, customer_id, staged.product AS product, quantity, unit_price, total_amount,
  ${ORDER_TS_TEXT} AS order_ts, order_date, staged.channel AS channel
FROM staging.order_winners CROSS JOIN staging.batch_orders AS staged USING (seq)
UNION ALL
SELECT -1, ${ORDER_COLUMNS}
FROM staging.order_winners AS winner CROSS JOIN order_rows ON order_rows.id = winner.stored
LEFT JOIN labels AS product ON product.id = order_rows.product
LEFT JOIN labels AS channel ON channel.id = order_rows.channel`,
  customers: `
SELECT 1 AS change, customer_id, email_h, first_initial, last_initial, staged.country AS country, signup_date
FROM staging.customer_winners CROSS JOIN staging.batch_customers AS staged USING (seq)
UNION ALL
SELECT -1, ${CUSTOMER_COLUMNS}
FROM staging.customer_winners AS winner CROSS JOIN customer_rows ON customer_rows.id = winner.stored
LEFT JOIN labels AS country ON country.id = customer_rows.country`,
  clicks: `SELECT 1 AS change, customer_id, page, ${CLICK_TS_TEXT} AS ts FROM staging.batch_clicks`,
};

/** So many conditions are counted along at the most; of more, those that nobody asks for any longer go. */
const MOST_WATCHED = 100;

interface Watched extends RowCondition {
  id: number;
}

/** Rows for which a condition holds. */
export interface CountedRows extends RowCondition {
  rows: number;
}

interface CountQuery {
  sql: string;
  /** What its result says. */
  read(result: QueryResult): CountedRows[];
}

/** Queries that count the rows for which conditions hold, each table read once. */
export function countQueries(conditions: readonly RowCondition[]): CountQuery[] {
  const byTable = [...Map.groupBy(conditions, ({ table }) => table)];
  return byTable.map(([table, its]) => ({
    sql: `SELECT ${its.map(sumOf("1")).join(", ")} FROM ${table}`,
    read: ({ rows }) => its.map((condition, index) => ({ ...condition, rows: Number(rows[0]![index] ?? 0) })),
  }));
}

/** The line's end closes a comment in which a condition may end. */
const sumOf =
  (value: string) =>
  ({ condition }: RowCondition, index: number): string =>
    `sum(CASE WHEN ${condition}\n THEN ${value} ELSE 0 END) AS rows_${index}`;

/** Counts the rows for which conditions hold, and keeps the counts right with every step. */
export class WatchedRows {
  readonly #writer: DatabaseSync;
  readonly #list: StatementSync;
  readonly #change: StatementSync;
  /** Statements by what they count. */
  readonly #counters = new Map<string, StatementSync>();

  constructor(writer: DatabaseSync) {
    this.#writer = writer;
    this.#list = writer.prepare(`SELECT id, "table", condition FROM watched_rows ORDER BY id`);
    this.#change = writer.prepare("UPDATE watched_rows SET rows = rows + ? WHERE id = ?");
  }

  /** Takes a staged batch into account whose winners are picked and not stored yet. Runs inside the step's transaction. */
  follow(): void {
    const watched = this.#list.all() as unknown as Watched[];
    for (const [table, conditions] of Map.groupBy(watched, (each) => each.table)) {
      const changes = Object.values(this.#counter(table, conditions).get() ?? {});
      for (const [index, { id }] of conditions.entries()) {
        const change = Number(changes[index] ?? 0);
        if (change !== 0) this.#change.run(change, id);
      }
    }
  }

  /** Counts these conditions along from now on. Runs inside a transaction. @param counted what is there now */
  store(counted: readonly CountedRows[]): void {
    const insert = this.#writer.prepare(
      `INSERT INTO watched_rows ("table", condition, rows) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    for (const { table, condition, rows } of counted) insert.run(table, condition, rows);
  }

  /** Forgets conditions that are not among these, where there are very many. Runs inside a transaction. */
  trim(wanted: readonly RowCondition[]): void {
    const watched = this.#list.all() as unknown as Watched[];
    if (watched.length <= MOST_WATCHED) return;
    const isWanted = ({ table, condition }: RowCondition) =>
      wanted.some((each) => each.table === table && each.condition === condition);
    const forget = this.#writer.prepare("DELETE FROM watched_rows WHERE id = ?");
    for (const each of watched) if (!isWanted(each)) forget.run(each.id);
  }

  #counter(table: WatchedTable, conditions: readonly Watched[]): StatementSync {
    const key = [table, ...conditions.map(({ condition }) => condition)].join("\0");
    const known = this.#counters.get(key);
    if (known) return known;
    const statement = this.#writer.prepare(
      `SELECT ${conditions.map(sumOf("change")).join(", ")} FROM (${CHANGES[table]})`,
    );
    this.#counters.set(key, statement);
    return statement;
  }
}
