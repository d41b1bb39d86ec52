import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type {
  FeedClick,
  FeedCustomer,
  FeedOrder,
  ReplacedRow,
  SalesCell,
  SalesSnapshot,
} from "../../feed.ts";
import { readRevision } from "../meta.ts";

/** Rows that SQLite hands over at a time: half the price of handing over each alone. */
const ROWS_AT_A_TIME = 1_000;

const ORDER = "SELECT id, customer_id, product, channel, order_date FROM order_rows";
const CUSTOMER = "SELECT id, customer_id, country FROM customer_rows";
// An instant far away that no float holds is rounded, where SQLite would hand over nothing at all.
const CLICK = "SELECT id, customer_id, page, CAST(ts AS REAL) FROM click_rows";

/** What a connection sees, which has to be in a transaction. */
export function createSnapshot(database: DatabaseSync): SalesSnapshot {
  const rows = (sql: string, ...values: SQLInputValue[]) =>
    database.prepare(sql, { returnArrays: true }).all(...values) as unknown as readonly SQLInputValue[][];
  const after = <Row extends IdRow>(sql: string, id: number) =>
    piecewise<Row>(
      database.prepare(`${sql} WHERE id > ? ORDER BY id LIMIT ${ROWS_AT_A_TIME}`, { returnArrays: true }),
      id,
    );
  const one = <Row>(sql: string, id: number) => rows(`${sql} WHERE id = ?`, id)[0] as Row | undefined;
  const lastId = (table: string) => Number(rows(`SELECT coalesce(max(id), 0) FROM ${table}`)[0]![0]);
  const lastReplaced = () => Number(rows("SELECT coalesce(max(seq), 0) FROM replaced_rows")[0]![0]);
  return {
    revision: () => readRevision(database),
    labels: (afterId) =>
      rows("SELECT id, name FROM labels WHERE id > ? ORDER BY id", afterId).map(([id, name]) => ({
        id: id as number,
        name: name as string,
      })),
    days: () =>
      rows(`SELECT order_date, coalesce(changed, 0)
        FROM sales_by_day LEFT JOIN day_changes USING (order_date) ORDER BY order_date`).map(
        ([date, changed]) => ({ order_date: date as string, changed: changed as number }),
      ),
    cells: cellsIn(database),
    revenueBy: (column) =>
      (
        database
          .prepare(`SELECT ${column}, revenue FROM sales_by_${column} ORDER BY ${column}`, {
            returnArrays: true,
            readBigInts: true,
          })
          .all() as unknown as [string, bigint][]
      ).map(([name, revenue]) => ({ name, revenue })),
    lastIds: () => ({
      orders: lastId("order_rows"),
      customers: lastId("customer_rows"),
      clicks: lastId("click_rows"),
    }),
    orders: (afterId) => after<FeedOrder>(ORDER, afterId),
    customers: (afterId) => after<FeedCustomer>(CUSTOMER, afterId),
    clicks: (afterId) => after<FeedClick>(CLICK, afterId),
    replaced: (afterSeq) => {
      const [first] = rows("SELECT min(seq) FROM replaced_rows")[0]!;
      if (first !== null && afterSeq < Number(first) - 1) return undefined;
      const list = `SELECT seq, "table", id FROM replaced_rows WHERE seq > ? ORDER BY seq`;
      return rows(list, afterSeq).map(([seq, table, id]) => ({ seq, table, id }) as ReplacedRow);
    },
    lastReplaced,
    orderRow: (id) => one<FeedOrder>(ORDER, id),
    customerRow: (id) => one<FeedCustomer>(CUSTOMER, id),
  };
}

type IdRow = readonly [id: number, ...unknown[]];

function* piecewise<Row extends IdRow>(statement: StatementSync, afterId: number): Generator<Row> {
  for (let last = afterId; ; ) {
    const rows = statement.all(last) as unknown as Row[];
    for (const row of rows) yield row;
    if (rows.length < ROWS_AT_A_TIME) return;
    last = rows.at(-1)![0];
  }
}

function cellsIn(database: DatabaseSync): SalesSnapshot["cells"] {
  const select = `SELECT product, channel, country, orders, quantity, revenue
    FROM sales_cells WHERE order_date = ? ORDER BY product, channel, country`;
  const statement = database.prepare(select, { returnArrays: true });
  return (orderDate) => {
    try {
      return statement.all(orderDate) as unknown as SalesCell[];
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ERR_OUT_OF_RANGE") throw error;
      const exact = database.prepare(select, { returnArrays: true, readBigInts: true });
      return (exact.all(orderDate) as unknown as bigint[][]).map(
        (row) => row.map(plain) as unknown as SalesCell,
      );
    }
  };
}

/** A number where that is exact. */
const plain = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};
