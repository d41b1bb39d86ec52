import { gzipSync } from "node:zlib";
import type { ObjectStore } from "@ingot/common";
import { describe, expect, it } from "vitest";
import { FOLDER, schemaLake } from "./schema-lake.ts";

type Fields = Record<string, unknown>;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);
const two = (number: number): string => String(number).padStart(2, "0");

const order = (id: number, more: Fields = {}): Fields => ({
  order_id: `o${id}`,
  customer_id: `c${id}`,
  product: "Tea",
  quantity: id % 3,
  unit_price: 2.5,
  total_amount: 2.5 * (id % 3),
  order_ts: `2026-01-${two(1 + (id % 28))}T10:00:00Z`,
  channel: "web",
  ...more,
});

const array = (count: number, change: (order: Fields, id: number) => Fields = (each) => each): string =>
  `[${numbers(count)
    .map((id) => JSON.stringify(change(order(id), id)))
    .join(",\n")}]`;

const HEADER = "customer_id,first_name,last_name,email,country,signup_date";
const customers = (count: number, signup = (id: number): string => `2025-03-${two(1 + (id % 28))}`): string =>
  `${HEADER}\n${numbers(count)
    .map((id) => `c${id},Ann,Lee,ann${id}@x.org,France,${signup(id)}\n`)
    .join("")}`;

const renamed = ({ quantity, ...rest }: Fields): Fields => ({ ...rest, qty: quantity });
const without =
  (name: string) =>
  (each: Fields): Fields =>
    Object.fromEntries(Object.entries(each).filter(([field]) => field !== name));

describe("orders that look in another way than those before are told at the first object", () => {
  it.each<[what: string, content: string | Uint8Array, told: string]>([
    ["a new column", array(30, (each) => ({ ...each, coupon: "X" })), 'column "coupon" is new'],
    [
      "a new column in few records",
      array(2, (each) => ({ ...each, coupon: null })),
      'column "coupon" is new',
    ],
    ["a missing column", array(30, without("channel")), 'column "channel" is missing'],
    ["a renamed column", array(3, renamed), 'column "qty" is new, "quantity" is missing (renamed?)'],
    [
      "a column renamed beyond recognition, in its place",
      array(30).replaceAll('"product"', '"what"'),
      'column "what" is new, "product" is missing (renamed?)',
    ],
    [
      "numbers as text",
      array(30, (each) => ({ ...each, unit_price: "2.50" })),
      'column "unit_price" has number as text now, not number',
    ],
    [
      "numbers with a comma",
      array(30, (each) => ({ ...each, unit_price: "2,50" })),
      'column "unit_price" has number with a comma now, not number',
    ],
    [
      "another form of dates",
      array(30, (each, id) => ({ ...each, order_ts: `${two(1 + (id % 28))}/01/2026 10:00` })),
      'column "order_ts" has day-first date with time now, not ISO instant',
    ],
    [
      "dates with the month first",
      array(30, (each, id) => ({ ...each, order_ts: `01/${two(1 + (id % 28))}/2026` })),
      'column "order_ts" has month-first date now, not ISO instant',
    ],
    [
      "times that have lost their zone",
      array(30, (each) => ({ ...each, order_ts: "2026-01-01T10:00:00" })),
      'column "order_ts" has ISO time without zone now, not ISO instant',
    ],
    [
      "nested values",
      array(30, (each) => ({ ...each, product: { name: "Tea" } })),
      'column "product" has list or object now, not text',
    ],
    [
      "a column without values",
      array(30, (each) => ({ ...each, channel: null })),
      'column "channel" has no values any more',
    ],
    [
      "JSON Lines",
      array(3).slice(1, -1).replaceAll(",\n", "\n"),
      "the format is JSON Lines now, not JSON array",
    ],
    [
      "a document around them",
      JSON.stringify({ orders: [order(1)] }, undefined, 1),
      'the format is JSON values now, not JSON array; column "orders" is new',
    ],
    [
      "another encoding",
      Buffer.from(
        array(30, (each) => ({ ...each, product: "Thé" })),
        "latin1",
      ),
      "the format is JSON array, not UTF-8 now, not JSON array",
    ],
    [
      "a spreadsheet",
      Buffer.from("PK\u0003\u0004\u0014\0\u0006\0binary"),
      "it cannot be read: a ZIP archive or an Excel workbook, not JSON array",
    ],
  ])("%s", async (_what, content, told) => {
    const { drop, schemas, events } = schemaLake();
    expect(await drop("orders/orders_1.json", array(60))).toEqual([]);
    expect(await drop("orders/orders_2.json", content)).toEqual([`orders/orders_2.json: ${told}`]);
    expect(await drop("orders/orders_3.json", content)).toEqual([]);
    expect(await drop("orders/orders_4.json", array(60))).toEqual([]);
    expect(schemas()).toHaveLength(2);
    expect(events).toMatchObject([{ state: "raised", severity: "warn" }]);
  });
});

describe("a change in few records", () => {
  it.each<[what: string, count: number, isTold: boolean]>([
    ["is told where all of them have it", 4, true],
    ["is not told of three, which may be an accident", 3, false],
  ])("%s", async (_what, count, isTold) => {
    const { drop, schemas } = schemaLake();
    await drop("orders/orders_1.json", array(60));
    const comma = array(count, (each) => ({ ...each, unit_price: "2,50" }));
    const told = 'orders/orders_2.json: column "unit_price" has number with a comma now, not number';
    expect(await drop("orders/orders_2.json", comma)).toEqual(isTold ? [told] : []);
    expect(
      await drop(
        "orders/orders_3.json",
        array(4, (each) => ({ ...each, unit_price: "9,50" })),
      ),
    ).toEqual(isTold ? [] : [expect.stringContaining("unit_price")]);
    expect(schemas()).toHaveLength(2);
  });

  it("is not told where files had many faults before", async () => {
    const { drop } = schemaLake();
    const faulty = array(60, (each, id) => (id % 4 === 0 ? { ...each, order_ts: "32/13/2025" } : each));
    await drop("orders/orders_1.json", faulty);
    const few = array(5, (each) => ({ ...each, order_ts: "32/13/2025" }));
    expect(await drop("orders/orders_2.json", few)).toEqual([]);
  });
});

describe("customers as CSV", () => {
  it.each<[what: string, content: string, told: string]>([
    [
      "a header with another name, and no row",
      `${HEADER.replace("email", "e-mail")}\n`,
      'column "e-mail" is new, "email" is missing (renamed?)',
    ],
    [
      "a missing column",
      "customer_id,first_name,last_name,email,signup_date\n",
      'column "country" is missing',
    ],
    [
      "semicolons",
      customers(30).replaceAll(",", ";"),
      "the format is CSV with semicolons now, not CSV with commas",
    ],
    [
      "the day first",
      customers(30, (id) => `${two(1 + (id % 28))}/03/2025`),
      'column "signup_date" has day-first date now, not ISO date',
    ],
    [
      "the day first, always before the 13th",
      customers(30, () => "05/06/2025"),
      'column "signup_date" has day-first date now, not ISO date',
    ],
    ["dots", customers(30, () => "31.01.2025"), 'column "signup_date" has date with dots now, not ISO date'],
  ])("%s", async (_what, content, told) => {
    const { drop } = schemaLake();
    expect(await drop("customers/customers_1.csv", customers(60))).toEqual([]);
    expect(await drop("customers/customers_2.csv", content)).toEqual([`customers/customers_2.csv: ${told}`]);
    expect(await drop("customers/customers_3.csv", content)).toEqual([]);
  });

  it("the order of columns, capitals, compression and line ends are no change", async () => {
    const { drop, schemas } = schemaLake();
    await drop("customers/customers_1.csv", customers(60));
    const turned = customers(60).replace("customer_id", "\uFEFF Customer_ID ").replaceAll("\n", "\r\n");
    expect(await drop("customers/customers_2.csv.gz", gzipSync(turned))).toEqual([]);
    const other = `signup_date,country,email,last_name,first_name,customer_id\n${"2025-01-01,,,,,c\n".repeat(9)}`;
    expect(await drop("customers/customers_3.csv", other)).toEqual([]);
    expect(schemas()).toHaveLength(1);
  });
});

describe("the first object of a dataset", () => {
  it("is compared with the contract", async () => {
    const { drop } = schemaLake();
    expect(await drop("orders_1.json", array(30, renamed))).toEqual([
      'orders_1.json: column "qty" is new, "quantity" is missing (renamed?)',
    ]);
    expect(await drop("customers_1.csv", "customer_id,note\nc1,x\n")).toHaveLength(1);
    expect(
      await drop("clicks_1.txt", '{"customer_id":"c","page":"/","ip":"10.0.0.1","ts":1,"x":1}\n'),
    ).toEqual([]);
  });

  it("may have neither records nor be readable", async () => {
    const { drop, schemas } = schemaLake();
    expect(await drop("orders_1.json", "[]")).toEqual([]);
    expect(await drop("orders_2.json", "")).toEqual([]);
    expect(schemas()).toEqual([]);
    expect(await drop("orders_3.json", "%PDF-1.7")).toEqual(["orders_3.json: it cannot be read: PDF"]);
    expect(await drop("orders_4.json", array(30))).toEqual([]);
  });
});

describe("one record a file", () => {
  it("tells a change once there are enough of them, and takes what is missing now and then for nothing", async () => {
    const { put, pass } = schemaLake();
    for (const id of numbers(40)) {
      const some = id % 4 === 0 ? without("channel")(order(id)) : order(id);
      await put(`orders/orders_a${two(id)}.json`, JSON.stringify([some]));
    }
    expect(await pass()).toEqual([]);
    for (const id of numbers(60)) {
      await put(`orders/orders_b${two(id)}.json`, JSON.stringify([order(id, { unit_price: "2,5" })]));
    }
    const told = await pass();
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /^orders\/orders_b\d+\.json: column "unit_price" has number with a comma now, not number$/,
    );
  });
});

describe("what is known", () => {
  it("is told once by many cleaners at once, and known to those that start later", async () => {
    const { cleaner, put, pass, events, drop, schemas } = schemaLake();
    const cleaners = [cleaner(), cleaner(), cleaner()];
    const together = () => Promise.all(cleaners.map((each) => pass(each)));
    for (const id of numbers(9)) await put(`orders/orders_a${id}.json`, array(30));
    await together();
    expect(events).toEqual([]);
    for (const id of numbers(9)) await put(`orders/orders_b${id}.json`, array(30, renamed));
    await together();
    expect(events).toHaveLength(1);
    await put("orders/orders_c.json", array(30, renamed));
    expect(await pass(cleaner())).toEqual([]);
    expect(await drop("orders/orders_d.json", array(30, renamed))).toEqual([]);
    expect(schemas()).toHaveLength(2);
  });

  it("costs an object that is like those before no request", async () => {
    const { lake, cleaner, put, pass } = schemaLake();
    const asked: string[] = [];
    const { silver } = lake;
    const watched: ObjectStore = {
      url: silver.url,
      settleMs: silver.settleMs,
      list: (options) => {
        asked.push(`list ${options?.prefix}`);
        return silver.list(options);
      },
      stat: (key) => silver.stat(key),
      delete: (key) => silver.delete(key),
      read: (key) => {
        asked.push(key);
        return silver.read(key);
      },
      write: (key, body, options) => {
        asked.push(key);
        return silver.write(key, body, options);
      },
    };
    const own = cleaner({ ...lake, silver: watched });
    await put("orders/orders_0.json", array(30));
    await pass(own);
    expect(asked.some((each) => each.includes(FOLDER))).toBe(true);
    asked.length = 0;
    for (const id of numbers(20)) await put(`orders/orders_${id}.json`, array(30));
    await pass(own);
    expect(asked.filter((each) => each.includes(FOLDER))).toEqual([]);
    expect(asked.filter((each) => each.endsWith(".csv"))).toHaveLength(20);
  });

  it("names columns, never values, nor names that are data", async () => {
    const { drop, schemas } = schemaLake();
    await drop("orders_1.json", array(30));
    const byPerson = array(30, (each) => ({
      ...each,
      "ann@x.org": 1,
      "secret 4711123": 2,
      "\u001b[31m": 3,
      note: "Ann Lee",
    }));
    expect(await drop("orders_2.json", byPerson)).toEqual(['orders_2.json: column "note" is new']);
    const stored = JSON.stringify(schemas());
    for (const data of ["ann@x", "4711123", "Lee", "[31m", "Tea"]) expect(stored).not.toContain(data);
  });

  it("that cannot be read is left alone", async () => {
    const { lake, drop, lines } = schemaLake();
    await lake.silver.write(`${FOLDER}orders/first.json`, Buffer.from("{"));
    expect(await drop("orders_1.json", array(30))).toEqual([]);
    expect(await drop("orders_2.json", array(30, renamed))).toHaveLength(1);
    expect(lines.filter(({ msg }) => msg.includes("left alone"))).toHaveLength(1);
  });

  it("makes an alarm that ends after a day", async () => {
    const { drop, pass, events, later } = schemaLake();
    await drop("orders_1.json", array(30));
    await drop("orders_2.json", array(30, renamed));
    later(23 * 60 * 60_000);
    await pass();
    expect(events.map(({ state }) => state)).toEqual(["raised"]);
    later(2 * 60 * 60_000);
    await pass();
    expect(events.map(({ state }) => state)).toEqual(["raised", "over"]);
  });
});

it("a change does not touch what comes before, beside and after it", async () => {
  const good = numbers(12).map(
    (id) =>
      [
        `orders/orders_${id}.json`,
        array(40, (each) => ({ ...each, order_id: `${id}-${each.order_id}` })),
      ] as const,
  );
  const odd: [string, string | Uint8Array][] = [
    ["orders/orders_3a.json", array(30, without("order_ts"))],
    ["orders/orders_5a.json", array(30, renamed).replaceAll('"order_id"', '"id"')],
    ["orders/orders_7a.json", Buffer.from("%PDF-1.7")],
    ["orders/orders_9a.csv", "order_id;order_ts;total_amount\no;31.01.2026;2,50\n"],
  ];
  const [plain, drifted] = [schemaLake(), schemaLake()];
  for (const [key, content] of good) {
    await plain.put(key, content);
    await drifted.put(key, content);
  }
  for (const [key, content] of odd) await drifted.put(key, content);
  await plain.pass();
  expect(await drifted.pass()).not.toEqual([]);
  expect(drifted.silver()).toMatchObject(plain.silver());
  expect(Object.keys(drifted.silver())).toHaveLength(good.length + odd.length);
  const rejected = Object.entries(drifted.texts("quarantine"));
  expect(rejected.map(([key]) => key)).toEqual(odd.map(([key]) => `${key}.rejected.jsonl`));
  expect(rejected.map(([, text]) => JSON.parse(text.split("\n")[0]!).reason)).toEqual([
    "invalid_order_ts",
    "missing_order_id",
    "unreadable",
    "invalid_order_ts",
  ]);
});
