import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Cleaned, cleanFile } from "./clean-file.ts";

const order = (id: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  order_id: id,
  customer_id: "c1",
  product: "Tea",
  quantity: 2,
  unit_price: 1.5,
  total_amount: 3,
  order_ts: "2026-01-01T10:00:00Z",
  channel: "web",
  ...more,
});
const text = (id: string): string => JSON.stringify(order(id));
const CUSTOMERS = "customer_id,first_name,last_name,email,country,signup_date";
const customer = (id: string): string => `${id},Ann,Lee,ann@x.org,France,2025-01-01`;
const click = (id: string): string =>
  JSON.stringify({ customer_id: id, page: "/", ip: "10.0.0.1", ts: 1767225600 });

const whole = { duplicates: 0 };

describe("orders as JSON", () => {
  it.each<[string, string | Uint8Array, Cleaned]>([
    ["an empty array", "[]", { ids: [], reasons: {}, ...whole }],
    ["an empty file", "", { ids: [], reasons: {}, ...whole }],
    ["a byte order mark", `\uFEFF[${text("a")}]`, { ids: ["a"], reasons: {}, ...whole }],
    [
      "CRLF between elements",
      `[\r\n${text("a")},\r\n${text("b")}\r\n]\r\n`,
      { ids: ["a", "b"], reasons: {}, ...whole },
    ],
    ["all on one line", `[${text("a")}, ${text("b")}]`, { ids: ["a", "b"], reasons: {}, ...whole }],
    [
      "pretty-printed",
      JSON.stringify([order("a"), order("b")], undefined, 2),
      { ids: ["a", "b"], reasons: {}, ...whole },
    ],
    [
      "an element that is no JSON",
      `[${text("a")},{"order_id": },${text("b")}]`,
      { ids: ["a", "b"], reasons: { invalid_json: 1 }, ...whole },
    ],
    [
      "a bare NaN",
      `[${text("a")},${text("x").replace("1.5", "NaN")},${text("b")}]`,
      { ids: ["a", "b"], reasons: { invalid_json: 1 }, ...whole },
    ],
    [
      "an element cut off in the middle of one line",
      `[${text("a")}, ${text("x").slice(0, 40)}, ${text("b")}, ${text("c")}]`,
      { ids: ["a", "b", "c"], reasons: { invalid_json: 1 }, ...whole },
    ],
    [
      "an element cut off on its own line",
      `[\n${text("a")},\n${text("x").slice(0, 25)}\n${text("b")},\n${text("c")}\n]`,
      { ids: ["a", "b", "c"], reasons: { invalid_json: 1 }, ...whole },
    ],
    [
      "a missing quote",
      `[${text("a")},${text("x").replace('"x"', '"x')},${text("b")},${text("c")}]`,
      { ids: ["a", "b", "c"], reasons: { invalid_json: 1 }, ...whole },
    ],
    [
      "a missing closing brace",
      `[${text("a")},${text("x").slice(0, -1)},${text("b")}]`,
      { ids: ["a", "b"], reasons: { invalid_json: 1 }, ...whole },
    ],
    [
      "a file cut off in its last element",
      `[${text("a")},${text("b")},${text("x").slice(0, 30)}`,
      { ids: ["a", "b"], reasons: { invalid_json: 1 }, ...whole },
    ],
    ["a missing closing bracket", `[${text("a")},${text("b")}`, { ids: ["a", "b"], reasons: {}, ...whole }],
    ["a missing comma", `[${text("a")} ${text("b")}]`, { ids: ["a", "b"], reasons: {}, ...whole }],
    [
      "elements that are no objects",
      `[${text("a")},7,"x",null,[1],${text("b")}]`,
      { ids: ["a", "b"], reasons: { not_an_object: 4 }, ...whole },
    ],
    [
      "a lone surrogate in a key",
      `[${text("a")},${text("x").replace('"x"', '"\\ud800"')},${text("b")}]`,
      { ids: ["a", "b"], reasons: { invalid_text: 1 }, ...whole },
    ],
    [
      "a number of sixty digits",
      `[${text("a")},${text("x").replace(":3,", `:${"9".repeat(60)},`)}]`,
      { ids: ["a"], reasons: { number_out_of_range: 1 }, ...whole },
    ],
    [
      "ids that a double cannot hold",
      `[${text("x").replace('"x"', "9007199254740993")},${text("x").replace('"x"', "9007199254740992")}]`,
      { ids: ["9007199254740993", "9007199254740992"], reasons: {}, ...whole },
    ],
    [
      "an older, a newer and a tied version",
      JSON.stringify([
        order("a", { order_ts: "2026-01-02T00:00:00Z" }),
        order("b"),
        order("a", { order_ts: "2026-01-01T00:00:00Z" }),
        order("b", { product: "later" }),
      ]),
      { ids: ["a", "b"], reasons: {}, duplicates: 2 },
    ],
    [
      "an invalid newer version, which is dropped before the duplicates",
      JSON.stringify([order("a"), order("a", { order_ts: "2026-02-30" })]),
      { ids: ["a"], reasons: { invalid_order_ts: 1 }, ...whole },
    ],
    [
      "bytes that are not UTF-8",
      Buffer.concat([
        Buffer.from(`[\n${text("a")},\n{"order_id":"`),
        Buffer.from([0xff, 0xfe]),
        Buffer.from(`"},\n${text("b")}\n]`),
      ]),
      { ids: ["a", "b"], reasons: { invalid_utf8: 1 }, ...whole },
    ],
    [
      "UTF-16",
      Buffer.from(`\uFEFF[${text("a")}]`, "utf16le"),
      { ids: [], reasons: { unreadable: 1 }, ...whole },
    ],
    [
      "a spreadsheet",
      Buffer.from("PK\u0003\u0004\u0014\0\u0006\0binary"),
      { ids: [], reasons: { unreadable: 1 }, ...whole },
    ],
    ["a web page", "<!doctype html><p>Not found</p>", { ids: [], reasons: { unreadable: 1 }, ...whole }],
    ["compressed", gzipSync(`[${text("a")}]`), { ids: ["a"], reasons: {}, ...whole }],
  ])("%s", async (_name, content, expected) => {
    expect(await cleanFile("orders/orders_1.json", content)).toEqual(expected);
  });

  it("keeps what is whole in a damaged gzip file, and says that it was damaged", async () => {
    const many = Array.from({ length: 5000 }, (_, index) => text(`o${index}-${Math.sin(index)}`)).join("\n");
    const zipped = gzipSync(many);
    const { ids, reasons } = await cleanFile("orders_1.jsonl.gz", zipped.subarray(0, zipped.length / 2));
    expect(ids.length).toBeGreaterThan(1000);
    expect(reasons.damaged_gzip).toBe(1);
  });
});

describe("orders in other formats", () => {
  it("as JSON Lines", async () => {
    const content = `${text("a")}\n\n{broken\r\n${text("b")}`;
    expect(await cleanFile("in/orders.jsonl", content)).toEqual({
      ids: ["a", "b"],
      reasons: { invalid_json: 1 },
      duplicates: 0,
    });
  });

  it("as CSV, with columns in any order, missing and extra ones", async () => {
    const content = "note,order_ts,order_id,total_amount\nhi,2026-01-01,a,3.5\nho,01/02/2026 10:00,b,4\n";
    expect(await cleanFile("orders-2026.csv", content)).toEqual({
      ids: ["a", "b"],
      reasons: {},
      duplicates: 0,
    });
  });
});

describe("customers as CSV", () => {
  it.each<[string, string, Cleaned]>([
    ["a header alone", `${CUSTOMERS}\n`, { ids: [], reasons: {}, ...whole }],
    ["no final newline", `${CUSTOMERS}\n${customer("a")}`, { ids: ["a"], reasons: {}, ...whole }],
    [
      "CRLF and a byte order mark",
      `\uFEFF${CUSTOMERS}\r\n${customer("a")}\r\n`,
      { ids: ["a"], reasons: {}, ...whole },
    ],
    [
      "semicolons",
      `${CUSTOMERS}\n${customer("a")}\n`.replaceAll(",", ";"),
      { ids: ["a"], reasons: {}, ...whole },
    ],
    [
      "a quoted newline, delimiter and quote",
      `${CUSTOMERS}\na,"Ann\nMarie","Lee, ""Jr""",x@y.z,France,2025-01-01\n${customer("b")}\n`,
      { ids: ["a", "b"], reasons: {}, ...whole },
    ],
    [
      "a quote that never ends",
      `${CUSTOMERS}\n${customer("a")}\nx,"Ann,Lee,a@x.org,France,2025-01-01\n${customer("b")}\n${customer("c")}\n`,
      { ids: ["a", "b", "c"], reasons: { invalid_csv: 1 }, ...whole },
    ],
    [
      "a quote that never ends before rows with quotes",
      `${CUSTOMERS}\nx,"Ann,Lee,a@x.org,France,2025-01-01\nb,"Bo","Lee",b@x.org,"France",2025-01-01\n${customer("c")}\n`,
      { ids: ["b", "c"], reasons: { invalid_csv: 1 }, ...whole },
    ],
    [
      "more values than columns",
      `${CUSTOMERS}\nx,Ann,Lee, Jr,a@x.org,France,2025-01-01\n${customer("b")}\n`,
      { ids: ["b"], reasons: { invalid_csv: 1 }, ...whole },
    ],
    [
      "fewer values than columns",
      `${CUSTOMERS}\nx,Ann\n${customer("b")}\n`,
      { ids: ["b"], reasons: { invalid_signup_date: 1 }, ...whole },
    ],
    [
      "a repeated customer, of whom the later record stays",
      `${CUSTOMERS}\n${customer("a")}\n${customer("b")}\n${customer("a").replace("France", "Spain")}\n`,
      { ids: ["b", "a"], reasons: {}, duplicates: 1 },
    ],
  ])("%s", async (_name, content, expected) => {
    expect(await cleanFile("customers/customers_1.csv", content)).toEqual(expected);
  });
});

describe("clicks as JSON Lines", () => {
  it("keep their neighbours when a line is broken", async () => {
    const content = `${click("a").slice(0, 20)}\n${click("b")}\nnot json\n${click("c").replace("10.0.0.1", "999.1.1.1")}\n`;
    expect(await cleanFile("clicks_1.txt", content)).toEqual({
      ids: ["b"],
      reasons: { invalid_json: 2, invalid_ip: 1 },
      duplicates: 0,
    });
  });
});
