import { readAll } from "@ingot/common";
import { describe, expect, test } from "vitest";
import { readWorkbook, valuesOf } from "../../../packages/engine/test/read-workbook.ts";
import { emptyGold, expectError, putKpis, serve } from "./http-support.ts";

const SALES = {
  columns: { order_date: "date", channel: "text", orders: "integer", quantity: "quantity", revenue: "money" },
  rows: [
    ["2024-03-01", "web", "12", "12.5", "1530.50"],
    ["2024-03-01", 'store, "old"', "3", "3", "-20.00"],
    ["2024-03-02", "", "90071992547409931", "", "0.00"],
  ],
} as const;

const NASTY = [
  "=1+1",
  "+1",
  "-1+1",
  "@SUM(A1)",
  "\t=1",
  "\r=1",
  "＝1+1",
  "＠x",
  " =1",
  "a;=1",
  "a\n-1",
  "a\t+1",
];

async function serveKpis(kpis: Parameters<typeof putKpis>[1]) {
  const gold = emptyGold();
  await putKpis(gold, kpis);
  return { gold, ...(await serve({ gold })) };
}

describe("KPIs", () => {
  test("are listed with their columns and addresses", async () => {
    const { get } = await serveKpis({ sales: SALES, empty: { columns: { a: "text" }, rows: [] } });
    const { kpis } = (await get("/api/kpis")).json();
    expect(kpis.map(({ name }: { name: string }) => name)).toEqual(["sales", "empty"]);
    expect(kpis[0]).toEqual({
      name: "sales",
      columns: Object.entries(SALES.columns).map(([name, type]) => ({ name, type })),
      rows: 3,
      updated_at: "2024-04-01T00:00:00.000Z",
      csv: "/api/kpis/sales.csv",
      json: "/api/kpis/sales.json",
      xlsx: "/api/kpis/sales.xlsx",
    });
    for (const format of ["csv", "json", "xlsx"]) {
      expect((await get(kpis[0][format])).statusCode).toBe(200);
      expect((await get(kpis[1][format])).statusCode).toBe(200);
    }
    expect((await get("/api/kpis/empty.json")).json()).toEqual([]);
  });

  test("are none before the aggregator has published", async () => {
    const { get } = await serve();
    expect((await get("/api/kpis")).json()).toEqual({ kpis: [] });
    expect(expectError(await get("/api/kpis/sales.csv"), 404, "not_found").parameter).toBe("kpi");
    for (const name of ["..%2fsecret", "A", "_x", "a%20b"]) {
      expectError(await get(`/api/kpis/${name}.csv`), 404, "not_found");
    }
  });

  test("as CSV are gold's file, byte for byte", async () => {
    const { get, gold } = await serveKpis({ sales: SALES });
    const answer = await get("/api/kpis/sales.csv");
    expect(answer.rawPayload).toEqual(await readAll(gold, "latest/sales.csv"));
    expect(answer.headers).toMatchObject({
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="sales.csv"',
      "last-modified": "Mon, 01 Apr 2024 00:00:00 GMT",
      "cache-control": "no-cache",
    });
    const marked = (await get("/api/kpis/sales.csv?bom=true")).rawPayload;
    expect(marked).toEqual(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), answer.rawPayload]));
  });

  test("as JSON have numbers exactly as they are printed", async () => {
    const { get } = await serveKpis({ sales: SALES });
    const answer = await get("/api/kpis/sales.json");
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(answer.body).toContain('"quantity":12.5,"revenue":1530.50}');
    expect(answer.body).toContain(
      '"channel":null,"orders":90071992547409931,"quantity":null,"revenue":0.00}',
    );
    expect(answer.json()[1]).toEqual({
      order_date: "2024-03-01",
      channel: 'store, "old"',
      orders: 3,
      quantity: 3,
      revenue: -20,
    });
  });

  test("are answered 304 until they change, whatever the form", async () => {
    const { get, gold } = await serveKpis({ sales: SALES });
    const forms = ["csv", "csv?raw=true", "csv?bom=true", "json", "xlsx"];
    const tags = new Map<string, string>();
    for (const form of forms) tags.set(form, String((await get(`/api/kpis/sales.${form}`)).headers.etag));
    expect(new Set(tags.values()).size).toBe(forms.length);
    const { sha256 } = JSON.parse((await readAll(gold, "latest/manifest.json")).toString()).kpis.sales;
    expect(tags.get("csv?raw=true")).toBe(`"${sha256}"`);
    for (const tag of tags.values()) expect(tag.startsWith(`"${sha256}`)).toBe(true);
    const again = async (form: string) =>
      (await get(`/api/kpis/sales.${form}`, { "if-none-match": tags.get(form)! })).statusCode;
    for (const form of forms) expect(await again(form)).toBe(304);
    await putKpis(gold, { sales: { ...SALES, rows: SALES.rows.slice(1) } });
    for (const form of forms) expect(await again(form)).toBe(200);
    expect((await get("/api/kpis/sales.json")).json()).toHaveLength(2);
    const before = (await get("/api/kpis/sales.json")).headers.etag;
    const columns = { ...SALES.columns, orders: "text" } as const;
    await putKpis(gold, { sales: { columns, rows: SALES.rows.slice(1) } });
    const retyped = await get("/api/kpis/sales.json", { "if-none-match": String(before) });
    expect(retyped.json()[0].orders).toBe("3");
  });

  test("that are just being written are answered as the manifest has them", async () => {
    const { get, gold } = await serveKpis({ sales: SALES });
    const before = (await get("/api/kpis/sales.csv?raw=true")).body;
    const fresh = await serve({ gold });
    await gold.write("latest/sales.csv", Buffer.from("half"));
    expect((await fresh.get("/api/kpis/sales.csv")).body).toBe(before);
    const { key } = JSON.parse((await readAll(gold, "latest/manifest.json")).toString()).kpis.sales;
    await gold.delete(key);
    expectError(await (await serve({ gold })).get("/api/kpis/sales.csv"), 503, "object_changed");
  });
});

describe("formulas in texts", () => {
  const columns = { "=name": "text", revenue: "money", quantity: "quantity", day: "date" } as const;
  const rows = NASTY.map((text) => [text, "-1.50", "-2", text]);

  test("are harmless in every CSV, and numbers stay numbers", async () => {
    const { get } = await serveKpis({ nasty: { columns, rows } });
    const csv = (await get("/api/kpis/nasty.csv")).body;
    // What spreadsheets of any country take for the beginning of a cell.
    const cells = csv.split(/[,;\t\r\n]/).map((cell) => cell.replace(/^"/, ""));
    const formulas = cells.filter((cell) => /^\s*[=+\-@＝＋－＠]/.test(cell));
    expect(new Set(formulas)).toEqual(new Set(["-1.50", "-2"]));
    expect(csv).toContain("'=1+1,-1.50,-2,'=1+1\n");
    expect(csv.startsWith("'=name,revenue")).toBe(true);
  });

  test("stay as they are for whoever asks for them raw, and in JSON", async () => {
    const { get, gold } = await serveKpis({ nasty: { columns, rows } });
    expect((await get("/api/kpis/nasty.csv?raw=true")).rawPayload).toEqual(
      await readAll(gold, "latest/nasty.csv"),
    );
    const names = (await get("/api/kpis/nasty.json"))
      .json()
      .map((row: Record<string, unknown>) => row["=name"]);
    expect(names).toEqual(NASTY);
  });

  test("are texts in an Excel file", async () => {
    const { get } = await serveKpis({ nasty: { columns, rows } });
    const [sheet] = readWorkbook((await get("/api/kpis/nasty.xlsx")).rawPayload);
    expect(sheet!.xml).not.toContain("<f");
    expect(valuesOf(sheet!)).toEqual([Object.keys(columns), ...NASTY.map((text) => [text, -1.5, -2, text])]);
  });

  test("of the business are harmless too", async () => {
    const { get } = await serve();
    expect((await get("/api/sales/products.csv")).body).toBe(
      "product,quantity,revenue\n'=cmd|' /C calc'!A0,1.5,-3.50\n\"lamp, small\",,1234567.10\n",
    );
    expect((await get("/api/sales/products.csv?raw=true")).body).toContain("\n=cmd|");
    expect((await get("/api/sales/products.json")).body).toContain('"quantity":null,"revenue":1234567.10}');
  });
});

describe("Excel files", () => {
  test("have numbers, days, a bold header that stays, and widths", async () => {
    const { get } = await serveKpis({ sales: SALES });
    const answer = await get("/api/kpis/sales.xlsx");
    expect(answer.headers).toMatchObject({
      "content-type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
      "content-disposition": 'attachment; filename="sales.xlsx"',
    });
    const [sheet] = readWorkbook(answer.rawPayload);
    expect(sheet!.xml).toMatch(/<pane ySplit="1" [^>]*topLeftCell="A2"[^>]* state="frozen"\/>/);
    expect(sheet!.xml).toContain('<col min="1" max="1" width="12" customWidth="1"/>');
    expect(sheet!.rows[0]!.every((cell) => cell!.isBold)).toBe(true);
    expect(valuesOf(sheet!)).toEqual([
      Object.keys(SALES.columns),
      // 1 March 2024.
      [45352, "web", 12, 12.5, 1530.5],
      [45352, 'store, "old"', 3, 3, -20],
      [45353, "", "90071992547409931", "", 0],
    ]);
    expect(sheet!.rows[1]![4]!.format).toBe("#,##0.00\\ [$EUR]");
  });

  test("hold any text, and days that sheets do not have as texts", async () => {
    const texts = [
      "<b>&\"'</b>",
      "tab\there",
      "bell\u0007",
      "line\r\nend",
      "_x0041_",
      "\ud800",
      "\uffff",
      "😀",
      " a ",
    ];
    const rows = [...texts.map((text) => [text, ""]), ["", "1899-01-01"], ["", "2024-02-30"], ["", "no day"]];
    const { get } = await serveKpis({ odd: { columns: { text: "text", day: "date" }, rows } });
    const [sheet] = readWorkbook((await get("/api/kpis/odd.xlsx")).rawPayload);
    const found = valuesOf(sheet!)
      .slice(1)
      .map(([text, day = ""]) => [text, day]);
    expect(found).toEqual(rows.map(([text, day]) => [text!.toWellFormed(), day]));
  });

  test("of the same figures have their own names", async () => {
    const { get } = await serveKpis({ sales: SALES, turnover: SALES });
    for (const name of ["sales", "turnover"]) {
      const [sheet] = readWorkbook((await get(`/api/kpis/${name}.xlsx`)).rawPayload);
      expect(sheet!.name).toBe(name);
    }
  });

  test("with more rows than a sheet has are refused", async () => {
    const { get, gold } = await serveKpis({ sales: SALES });
    const manifest = JSON.parse((await readAll(gold, "latest/manifest.json")).toString());
    manifest.kpis.sales.rows = 1_048_576;
    await gold.write("latest/manifest.json", Buffer.from(JSON.stringify(manifest)));
    expectError(await get("/api/kpis/sales.xlsx"), 422, "too_many_rows");
  });
});
