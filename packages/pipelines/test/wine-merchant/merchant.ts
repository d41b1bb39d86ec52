import type { RunOptions, RunOutcome } from "@ingot/engine/batch";
import Papa from "papaparse";
import { openTestLake, type TestLake } from "../../../engine/test/batch/corner-shop.ts";
import { type MadeCell, type MakeOptions, makeWorkbook } from "../../../engine/test/batch/make-workbook.ts";
import { readWorkbook, valuesOf } from "../../../engine/test/read-workbook.ts";
import WINE_MERCHANT from "../../src/wine-merchant/pipeline.ts";

export type Row = Readonly<Record<string, string>>;

/** A month's lists, as rows of cells under their columns. */
export interface Lists {
  erp: Record<string, MadeCell>[];
  liaison: Record<string, MadeCell>[];
  web: Record<string, MadeCell>[];
}

/** A merchant with a lake of its own. */
export interface Merchant extends AsyncDisposable {
  lake: TestLake["lake"];
  put(key: string, content: string | Buffer): Promise<void>;
  /** Puts a month's lists into bronze, as workbooks of one sheet. */
  putMonth(month: string, lists: Lists, options?: MakeOptions): Promise<void>;
  run(options?: Partial<RunOptions>): Promise<RunOutcome>;
  /** The products of both classes. @param folder `latest` or `month=2026-11` */
  products(folder?: string): Promise<Row[]>;
  /** The report's sheets, by name. */
  report(folder?: string): Promise<Record<string, (string | number)[][]>>;
  keys(prefix: string): Promise<string[]>;
  /** What quarantine has of a file. */
  rejected(key: string): Promise<Row[]>;
}

export async function openMerchant(): Promise<Merchant> {
  const { lake, ...test } = await openTestLake();
  const bytes = async (key: string): Promise<Buffer> => {
    const { body } = await lake.gold.read(`wine-merchant/${key}`);
    return Buffer.concat(await Array.fromAsync(body));
  };
  const put = async (key: string, content: string | Buffer): Promise<void> => {
    await lake.bronze.write(`wine-merchant/${key}`, Buffer.from(content));
  };
  return {
    ...{ lake, put },
    putMonth: async (month, lists, options) => {
      for (const [name, rows] of Object.entries(lists)) {
        const file = makeWorkbook([{ name: "Sheet1", rows: sheetOf(rows) }], options);
        await put(`month=${month}/${name}.xlsx`, file);
      }
    },
    run: (options = {}) => test.run(options, WINE_MERCHANT),
    products: async (folder = "latest") => {
      const texts = await Promise.all(
        ["vins_premium.csv", "vins_ordinaires.csv"].map((file) => bytes(`${folder}/${file}`)),
      );
      return texts.flatMap(
        (text) => Papa.parse<Row>(text.toString("utf8"), { header: true, skipEmptyLines: true }).data,
      );
    },
    report: async (folder = "latest") => {
      const sheets = readWorkbook(await bytes(`${folder}/rapport_ca.xlsx`));
      return Object.fromEntries(sheets.map((sheet) => [sheet.name, valuesOf(sheet)]));
    },
    keys: (prefix) => test.keys("gold", `wine-merchant/${prefix}`),
    rejected: async (key) => {
      const keys = await test.keys("quarantine", `wine-merchant/${key}`);
      const texts = await Promise.all(keys.map((found) => test.text("quarantine", found)));
      return texts.flatMap((text) =>
        text
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line) as Row),
      );
    },
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  };
}

/** Rows of cells under a header of all their columns. */
export function sheetOf(rows: readonly Record<string, MadeCell>[]): MadeCell[][] {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))];
}

/** A run's steps by name: each one's status. */
export function statuses({ record }: RunOutcome): Record<string, string> {
  return Object.fromEntries(record.steps.map(({ name, status }) => [name, status]));
}

/** The lists of products, each twice in the shop: as itself and as its picture. */
export function listsOf(products: readonly { id: number; price: MadeCell; sales: MadeCell }[]): Lists {
  return {
    erp: products.map(({ id, price }) => ({
      product_id: id,
      onsale_web: 1,
      price,
      stock_quantity: 3,
      stock_status: "instock",
    })),
    liaison: products.map(({ id }) => ({ product_id: id, id_web: id + 10_000 })),
    web: products.flatMap(({ id, sales }) =>
      ["product", "attachment"].map((post_type) => ({
        ...{ sku: id + 10_000, virtual: 0, total_sales: sales, post_title: `Vin ${id}`, post_type },
      })),
    ),
  };
}
