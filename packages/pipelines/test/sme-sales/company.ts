import type { RunOptions, RunOutcome } from "@ingot/engine/batch";
import Papa from "papaparse";
import { openTestLake, type TestLake } from "../../../engine/test/batch/corner-shop.ts";
import SME_SALES from "../../src/sme-sales/pipeline.ts";

export type Row = Readonly<Record<string, string>>;

/** A company with a lake of its own. */
export interface Company extends AsyncDisposable {
  lake: TestLake["lake"];
  put(file: string, content: string | Buffer): Promise<void>;
  run(options?: Partial<RunOptions>): Promise<RunOutcome>;
  /** A table that gold has as CSV. */
  rows(table: string): Promise<Row[]>;
  /** What a file of gold has. */
  bytes(file: string): Promise<Buffer>;
  /** Reasons in quarantine of an object, in the order of its records. */
  reasons(file: string): Promise<string[]>;
}

export async function openCompany(): Promise<Company> {
  const { lake, ...test } = await openTestLake();
  const bytes = async (file: string): Promise<Buffer> => {
    const { body } = await lake.gold.read(`sme-sales/latest/${file}`);
    return Buffer.concat(await Array.fromAsync(body));
  };
  return {
    lake,
    put: async (file, content) => {
      await lake.bronze.write(`sme-sales/${file}`, Buffer.from(content));
    },
    run: (options = {}) => test.run(options, SME_SALES),
    bytes,
    rows: async (table) => {
      const text = (await bytes(`${table}.csv`)).toString("utf8");
      return Papa.parse<Row>(text, { header: true, skipEmptyLines: true }).data;
    },
    reasons: async (file) => {
      const keys = await test.keys("quarantine", `sme-sales/${file}`);
      const texts = await Promise.all(keys.map((key) => test.text("quarantine", key)));
      return texts.flatMap((text) =>
        text
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line).reason as string),
      );
    },
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  };
}
