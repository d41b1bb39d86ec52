import { setTimeout as wait } from "node:timers/promises";
import { type Sheet, type SheetColumnType, writeWorkbook } from "@ingot/engine/xlsx";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs, runsTimeout } from "../../common/test/support/runs.ts";
import { readWorkbook, unzipped, valuesOf } from "./read-workbook.ts";

const OPTIONS = { currency: "EUR", timeoutMs: 60_000 };

function sheet(name: string, types: Record<string, SheetColumnType>, rows: string[][]): Sheet {
  return { name, columns: Object.entries(types).map(([column, type]) => ({ name: column, type })), rows };
}

async function written(...sheets: Sheet[]) {
  return readWorkbook(await writeWorkbook(sheets, OPTIONS));
}

/** A sheet that takes more than a second. */
function largeSheet(): Sheet {
  const rows = Array.from({ length: 20_000 }, (_, at) => ["lamp", `${at}.50`, String(at), "2024-03-01"]);
  return sheet("large", { name: "text", revenue: "money", count: "integer", day: "date" }, rows);
}

const threads = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === "MessagePort").length;

describe("cells", () => {
  test("are numbers, days and texts, each in its format, under a bold header that stays", async () => {
    const [read] = await written(
      sheet("sales", { day: "date", name: "text", n: "integer", q: "quantity", m: "money", x: "number" }, [
        ["2024-03-01", "=1+1", "1200", "12.5", "-20.00", "0.3333333333333333"],
        ["1900-03-01", "12", "0", "12", "1530.50", "1e-7"],
        ["", "", "", "", "", ""],
      ]),
    );
    expect(valuesOf(read!)).toEqual([
      ["day", "name", "n", "q", "m", "x"],
      [45352, "=1+1", 1200, 12.5, -20, 0.3333333333333333],
      [61, "12", 0, 12, 1530.5, 1e-7],
      [],
    ]);
    const formats = read!.rows.map((row) => row.map((cell) => cell?.format));
    const money = "#,##0.00\\ [$EUR]";
    expect(formats[1]).toEqual(["yyyy\\-mm\\-dd", undefined, "#,##0", "#,##0.####", money, undefined]);
    expect(formats[2]![3]).toBe("#,##0");
    expect(read!.rows.map((row) => row.every((cell) => cell?.isBold))).toEqual([true, false, false, true]);
    expect(read!.xml).toMatch(/<pane ySplit="1" [^>]*topLeftCell="A2"[^>]* state="frozen"\/>/);
    expect(read!.xml).toContain('<col min="1" max="1" width="12" customWidth="1"/>');
    expect(read!.xml).not.toContain("<f");
  });

  test("are texts where a number or a day would not stay what it is", async () => {
    const [read] = await written(
      sheet("odd", { n: "integer", m: "money", x: "number", day: "date" }, [
        ["123456789012345", "1234567890123.45", "0.1234567890123456789", "1899-12-31"],
        ["90071992547409931", "12345678901234.56", "1e400", "2024-02-30"],
        ["120000000000000000", "007", "90071992547409931", "no day"],
      ]),
    );
    expect(valuesOf(read!).slice(1)).toEqual([
      [123456789012345, 1234567890123.45, 0.12345678901234568, "1899-12-31"],
      ["90071992547409931", "12345678901234.56", "1e400", "2024-02-30"],
      [120000000000000000, "007", "90071992547409931", "no day"],
    ]);
  });

  test("hold as much text as they can", async () => {
    const [read] = await written(sheet("long", { a: "text" }, [["é".repeat(40_000)]]));
    expect(valuesOf(read!)[1]).toEqual(["é".repeat(32_767)]);
  });
});

describe("a report", () => {
  const report: Sheet = {
    name: "Chiffre d'affaires",
    title: "Chiffre d'affaires",
    notes: ["Novembre"],
    columns: [
      { name: "Réf.", type: "text" },
      { name: "CA", type: "money" },
      { name: "Part", type: "percent", decimals: 1 },
      { name: "Score", type: "number", decimals: 2 },
      { name: "Classe", type: "text" },
    ],
    rows: [
      ["15298", "1234.50", "0.75", "2.345", "premium"],
      ["15299", "411.50", "0.25", "", "ordinaire"],
    ],
    totals: ["Total", "1646.00", { value: "2", type: "integer" }, "", ""],
    hasFilter: true,
  };

  test("has a title, a header that stays, formats, buttons that filter, and totals", async () => {
    const file = await writeWorkbook([report], { ...OPTIONS, currencyDisplay: "symbol" });
    const [read] = readWorkbook(file);
    expect(valuesOf(read!)).toEqual([
      ["Chiffre d'affaires"],
      ["Novembre"],
      [],
      ["Réf.", "CA", "Part", "Score", "Classe"],
      ["15298", 1234.5, 0.75, 2.345, "premium"],
      ["15299", 411.5, 0.25, "", "ordinaire"],
      ["Total", 1646, 2],
    ]);
    const formats = read!.rows.map((row) => row.map((cell) => cell?.format).slice(1, 4));
    expect(formats[4]).toEqual(["#,##0.00\\ [$€]", "0.0%", "#,##0.00"]);
    expect(formats[6]).toEqual(["#,##0.00\\ [$€]", "#,##0"]);
    expect(read!.rows[6]!.every((cell) => cell?.isBold)).toBe(true);
    expect(read!.xml).toMatch(/<pane ySplit="4"/);
    // Spreadsheets call a file damaged whose elements stand in another order.
    const order =
      /<sheetPr>.*<sheetViews>.*<sheetData>.*<autoFilter ref="A4:E6"\/>.*<pageMargins .*<pageSetup .*<ignoredErrors>/s;
    expect(read!.xml).toMatch(order);
    const names = unzipped(file)["xl/workbook.xml"]!.match(/<definedName[s ].*?>/g);
    expect(names).toHaveLength(3);
    expect(unzipped(file)["xl/workbook.xml"]).toContain("'Chiffre d''affaires'!$A$4:$E$6</definedName>");
  });

  test("may have more tables and notes under the first one", async () => {
    const below = [
      {
        title: "Meilleurs",
        columns: report.columns.slice(0, 2),
        rows: [["a", { value: "3", type: "integer" as const }]],
      },
    ];
    const { notes: _, totals: __, ...plain } = report;
    const [read, other] = await written({ ...plain, below, footnotes: ["Fin"] }, report);
    expect(valuesOf(read!).slice(5)).toEqual([[], ["Meilleurs"], ["Réf.", "CA"], ["a", 3], [], ["Fin"]]);
    expect(read!.xml).not.toMatch(/ySplit="[1-9]/);
    expect(other!.name).toBe("Chiffre d'affaires (2)");
  });
});

const text = fc.oneof(
  fc.string({
    unit: fc.constantFrom(
      ..."=+-@;|,\t\r\n\"' a1é<&\0\u0001\x7f\u0085\ufdd0\ufffd\uffff\ud800",
      "_x0041_",
      "😀",
      "\u{1fffe}",
    ),
    maxLength: 12,
  }),
  fc.string({ unit: "binary", maxLength: 5 }),
  fc.constantFrom("constructor", "__proto__", "toString", "=SUM(A1:A2)"),
);
const sheets = fc.array(
  fc.record({
    name: fc.oneof(text, fc.constantFrom("History", "Sales", "SALES", "'a'", "a/b:c", "x".repeat(40))),
    columns: fc.constant([
      { name: "text", type: "text" },
      { name: "day", type: "date" },
      { name: "money", type: "money" },
    ] as const),
    rows: fc.array(fc.tuple(text, text, text), { maxLength: 60 }),
  }),
  { minLength: 1, maxLength: 8 },
);

test(
  "any texts come out as they are, in sheets with legal names",
  async () => {
    const property = fc.asyncProperty(sheets, async (given) => {
      const read = await written(...given);
      const expected = given.map(({ rows }) => rows.map((row) => row.map((value) => value.toWellFormed())));
      const found = read.map((one) =>
        valuesOf(one)
          .slice(1)
          .map((row) => [0, 1, 2].map((at) => String(row[at] ?? ""))),
      );
      expect(found).toEqual(expected);
      const names = read.map(({ name }) => name);
      expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(given.length);
      for (const name of names) {
        expect(name).toMatch(/^(?!')[^[\]/\\:*?]{1,31}(?<!')$/);
        expect(name.toLowerCase()).not.toBe("history");
      }
    });
    await fc.assert(property, { numRuns: runs(5) });
  },
  runsTimeout(30_000),
);

describe("writing a large file", () => {
  test("leaves the caller free", async () => {
    const large = largeSheet();
    const started = performance.now();
    let [last, longest] = [started, 0];
    const look = (): void => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    };
    const timer = setInterval(look, 1);
    const [read] = await written(large).finally(() => clearInterval(timer));
    const elapsed = last - started;
    expect(longest).toBeLessThan(elapsed / 4);
    expect(read!.rows).toHaveLength(large.rows.length + 1);
  });

  test("ends at its time-out and when it is given up, its thread too", async () => {
    const before = threads();
    const large = largeSheet();
    const late = writeWorkbook([large], { ...OPTIONS, timeoutMs: 100 });
    await expect(late).rejects.toMatchObject({ code: "query_timeout" });
    const reason = new Error("nobody waits for it");
    const giving = new AbortController();
    const given = writeWorkbook([large], { ...OPTIONS, signal: giving.signal });
    void wait(100).then(() => giving.abort(reason));
    await expect(given).rejects.toBe(reason);
    await expect(writeWorkbook([large], { ...OPTIONS, signal: giving.signal })).rejects.toBe(reason);
    expect(threads()).toBe(before);
  });

  test("that no sheet has room for is refused", async () => {
    const rows = new Array<string[]>(1_048_576);
    const refused = writeWorkbook([{ name: "a", columns: [], rows }], OPTIONS);
    await expect(refused).rejects.toMatchObject({ code: "too_many_rows" });
  });
});
