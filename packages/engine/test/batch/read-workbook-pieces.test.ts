import type { SourceField, SourcePiece } from "@ingot/engine/batch";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../../common/test/support/runs.ts";
import { readWorkbookPieces } from "../../src/batch/read-workbook-pieces.ts";
import {
  type MadeCell,
  type MadeSheet,
  type MakeOptions,
  makeWorkbook,
  workbookFiles,
  zip,
} from "./make-workbook.ts";

const FIELDS: SourceField[] = [
  { name: "key", aliases: ["Référence"], isRequired: true },
  { name: "price", isRequired: true },
  { name: "note" },
];

function read(file: Buffer, fields = FIELDS): Promise<SourcePiece[]> {
  return readWorkbookPieces(file, { name: "prices.xlsx", fields });
}

/** Values by line. */
async function rows(sheets: MadeSheet[], options?: MakeOptions) {
  const pieces = await read(makeWorkbook(sheets, options));
  return pieces.map((piece) => [
    "line" in piece.place && piece.place.line,
    ...("record" in piece ? piece.record.values : []),
  ]);
}

const sheet = (...data: (MadeCell[] | undefined)[]): MadeSheet[] => [
  { name: "Feuil1", rows: [["key", "price", "note"], ...data] },
];

const invalid = (...words: string[]) => ({
  code: "source_invalid",
  message: expect.stringMatching(
    new RegExp(words.map((word) => `(?=.*${RegExp.escape(word)})`).join(""), "s"),
  ),
});

describe("the values of a workbook", () => {
  test.each<[MadeCell, string | undefined, string]>([
    [{ number: "24.199999999999999" }, "24.2", "a double with all its digits"],
    [{ number: "15298.0" }, "15298", "a whole number written as a float"],
    [{ number: "1.5298E4" }, "15298", "an exponent"],
    [
      { number: "9.0071992547409931E+16" },
      "90071992547409940",
      "a long number, of which a double has 16 digits",
    ],
    [{ number: "90071992547409931" }, "90071992547409931", "a whole number with more digits than a double"],
    [{ number: "1E-7" }, "0.0000001", "a small number"],
    [{ number: "-0.0" }, "0", "less than nothing, but not much"],
    ["24.2", "24.2", "a number as text"],
    [" 15298 ", " 15298 ", "a text with its blanks"],
    ["12,50 €", "12,50 €", "a currency"],
    ['a&b<c>"d" _x000D_ é😀\u0001', 'a&b<c>"d" _x000D_ é😀\u0001', "characters with codes"],
    [{ runs: ["Château ", "Margaux"] }, "Château Margaux", "runs, without how they are spoken"],
    [true, "true", "yes"],
    [false, "false", "no"],
    [{ error: "#N/A" }, undefined, "an error"],
    [{ formula: "A1*2", found: 48.4 }, "48.4", "a formula's number"],
    [{ formula: 'A1&"x"', found: "24.2x" }, "24.2x", "a formula's text"],
    [{ iso: "2026-11-15T00:00:00" }, "2026-11-15", "a date in words"],
    [{ serial: "45352" }, "2024-03-01", "a day"],
    [{ serial: "45352.75", format: "dd/mm/yyyy hh:mm" }, "2024-03-01T18:00:00", "an instant"],
    [{ serial: "43258.6857060185", format: "[$-40C]d mmmm yyyy;@" }, "2018-06-07T16:27:25", "seconds"],
    [{ serial: "59" }, "1900-02-28", "a day before the one that never was"],
    [{ serial: "0.5", format: "h:mm" }, "12:00:00", "a time of day"],
    [{ serial: "24.2", format: '#,##0.00\\ "dhs"' }, "24.2", "a currency that looks like a date"],
    [{ serial: "24.2", format: "[Red]0.00" }, "24.2", "a colour that looks like a date"],
    [{ serial: "1.5", format: "[h]:mm" }, expect.anything(), "hours"],
  ])("%j is %j: %s", async (cell, value) => {
    for (const texts of ["shared", "inline"] as const) {
      expect(await rows(sheet(["k", "1", cell]), { texts })).toEqual([[2, "k", "1", value]]);
    }
  });

  test("of a workbook whose days begin with 1904", async () => {
    expect(await rows(sheet(["k", "1", { serial: "43890" }]), { is1904: true })).toEqual([
      [2, "k", "1", "2024-03-01"],
    ]);
  });

  test("are the same however the file is written", async () => {
    const data = sheet(["a", 1.5, "x"], ["b", 2, "y"]);
    const expected = [
      [2, "a", "1.5", "x"],
      [3, "b", "2", "y"],
    ];
    const ways: MakeOptions[] = [
      { isStored: true },
      { prefix: "x:" },
      { isBare: true },
      { prefix: "x:", isBare: true, texts: "inline" },
      { workbookPart: "xl/workbook2.xml" },
    ];
    for (const way of ways) expect(await rows(data, way)).toEqual(expected);
    const files = workbookFiles(data);
    const backslashes = Object.entries(files).map(([name, xml]) => [
      name.replaceAll("/", "\\").toUpperCase(),
      xml,
    ]);
    expect(await read(zip(Object.fromEntries(backslashes)))).toHaveLength(2);
    const wide = Object.entries(files).map(([name, xml]) => [name, Buffer.from(`\ufeff${xml}`, "utf16le")]);
    expect(await read(zip(Object.fromEntries(wide)))).toHaveLength(2);
    const unescaped = Object.entries(workbookFiles(data, { texts: "inline" })).map(([name, xml]) => [
      name,
      xml.replace(/>([^<>]+)<\/t>/g, "><![CDATA[$1]]></t>"),
    ]);
    expect(await read(zip(Object.fromEntries(unescaped)))).toHaveLength(2);
  });

  test("any texts and numbers, in any columns", async () => {
    const text = fc.string({
      unit: fc.constantFrom(..."ab 12,.€é😀<>&\"'_x\n\t", "_x0041_", "]]>"),
      maxLength: 12,
    });
    const cell: fc.Arbitrary<MadeCell> = fc.oneof(
      text,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constant(undefined),
    );
    const table = fc.array(fc.option(fc.tuple(cell, cell, cell), { nil: undefined }), { maxLength: 30 });
    const order = fc.shuffledSubarray(["key", "price", "note", "other", "more"], { minLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        table,
        order,
        fc.constantFrom("shared", "inline"),
        fc.nat(18),
        async (data, names, texts, above) => {
          const placed = data.map(
            (row) => row && names.map((name) => row[["key", "price", "note"].indexOf(name)]),
          );
          const lines = [...Array.from({ length: above }, () => ["Export du mois"]), names, ...placed];
          const found = await rows([{ name: "x", rows: lines }], { texts });
          const shown = (value: MadeCell) => (value === "" || value === undefined ? undefined : plain(value));
          const expected = data.flatMap((row, at) => {
            const isBlank = !row?.some((value) => shown(value)?.trim());
            return isBlank ? [] : [[at + above + 2, ...row!.map(shown)]];
          });
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: runs(100) },
    );
  });
});

/** A number as it has to come out: the same double, without an exponent. */
function plain(value: MadeCell): string {
  if (typeof value !== "number") return String(value);
  const text = new Intl.NumberFormat("en", { useGrouping: false, maximumSignificantDigits: 17 }).format(
    value,
  );
  return Number(text) === value && /e/.test(String(value)) ? exactly(value) : String(value === 0 ? 0 : value);
}

function exactly(value: number): string {
  const [digits = "", exponent = "0"] = String(value).split("e");
  const [whole = "", fraction = ""] = digits.replace("-", "").split(".");
  const places = Number(exponent);
  const sign = value < 0 ? "-" : "";
  if (places < 0) return `${sign}0.${"0".repeat(-places - 1)}${whole}${fraction}`;
  return `${sign}${whole}${fraction.padEnd(places, "0")}`;
}

describe("the sheet", () => {
  const good = {
    rows: [
      ["Prix du mois"],
      [],
      ["Price", "extra", "Reference"],
      ["9,90", "x", "a"],
      undefined,
      ["8", undefined, "b"],
    ],
  };
  const expected = [
    [4, "a", "9,90", undefined],
    [6, "b", "8", undefined],
  ];

  test("is the one that has the columns, whatever it is called", async () => {
    const notes = { name: "Lisez-moi", rows: [["Ce fichier a trois feuilles"]] };
    const empty = { name: "Feuil3", rows: [] };
    expect(await rows([notes, empty, { ...good, name: "novembre" }])).toEqual(expected);
  });

  test("is a visible one where there are several, and a hidden one where no other has the columns", async () => {
    const hidden = { ...good, name: "old", isHidden: true };
    const other = {
      name: "new",
      rows: [
        ["key", "price"],
        ["z", 1],
      ],
    };
    expect(await rows([hidden, other])).toEqual([[2, "z", "1", undefined]]);
    expect(await rows([hidden, { name: "x", rows: [["y"]] }])).toEqual(expected);
    const headerOnly = { name: "model", rows: [["key", "price"]] };
    expect(await rows([headerOnly, { ...good, name: "novembre" }])).toEqual(expected);
    expect(await rows([headerOnly])).toEqual([]);
  });

  test("is asked for where it cannot be known", async () => {
    const twice = makeWorkbook([
      { ...good, name: "octobre" },
      { ...good, name: "novembre" },
    ]);
    await expect(read(twice)).rejects.toMatchObject(invalid("prices.xlsx", '"octobre" and "novembre"'));
  });

  test("may have a column twice as long as both say the same", async () => {
    const columns = ["key", "price", "Price"];
    expect(await rows([{ name: "x", rows: [columns, ["a", 1, 1]] }])).toEqual([[2, "a", "1", undefined]]);
    const different = makeWorkbook([{ name: "x", rows: [columns, ["a", 1, 1], ["b", 1, 2]] }]);
    await expect(read(different)).rejects.toMatchObject(invalid("price", "B and C", "row 3"));
  });

  test("that is not there is said with what is", async () => {
    const file = makeWorkbook([
      {
        name: "Stock",
        rows: [
          ["key", "stock"],
          ["a", 1],
        ],
      },
      { name: "secret", rows: [["price"]], isHidden: true },
      { name: "vide", rows: [] },
    ]);
    const words = [
      'Sheet "Stock" has no price; row 1 has key, stock',
      'hidden sheet "secret" has no key',
      '"vide" is empty',
    ];
    await expect(read(file)).rejects.toMatchObject(invalid("prices.xlsx", "key, price", ...words));
  });

  test("gives each row's text with all that it has", async () => {
    const [piece] = await read(
      makeWorkbook([
        {
          name: "x",
          rows: [
            ["key", "price", undefined, "key"],
            ["a", 1, "b", "a"],
          ],
        },
      ]),
    );
    expect(JSON.parse(piece!.raw)).toEqual({ key: "a", price: "1", C: "b", D: "a" });
  });
});

describe("a file that is no workbook", () => {
  const data = sheet(["a", 1, { serial: "45352" }]);
  const file = makeWorkbook(data);
  const files = workbookFiles(data);

  test.each<[string, Buffer, string]>([
    ["an old workbook", Buffer.from("d0cf11e0a1b11ae1", "hex"), ".xls"],
    ["no ZIP", Buffer.from("PK\x03\x04 nothing"), "damaged"],
    ["nothing", Buffer.alloc(0), "damaged"],
    ["one that is cut off", file.subarray(0, -100), "damaged"],
    ["another ZIP", zip({ "content.xml": "<a/>" }), "no Excel workbook"],
    [
      "XML that is cut off",
      zip({ ...files, "xl/worksheets/sheet1.xml": files["xl/worksheets/sheet1.xml"]!.slice(0, -20) }),
      "cut off",
    ],
    [
      "XML with entities of its own",
      zip({ ...files, "xl/workbook.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>' }),
      "document type",
    ],
    ["a text that is not there", zip({ ...files, "xl/sharedStrings.xml": "<sst/>" }), "text"],
    ["tags in tags", zip({ ...files, "xl/workbook.xml": "<a>".repeat(3000) }), "no XML"],
    ["a text without an end", zip({ ...files, "xl/workbook.xml": `<a>${"b".repeat(3_000_000)}` }), "no XML"],
    ["tags without an end", zip({ ...files, "xl/workbook.xml": `<a ${"b".repeat(3_000_000)}` }), "no XML"],
  ])("is refused: %s", async (_, bytes, word) => {
    await expect(read(bytes)).rejects.toMatchObject(invalid("prices.xlsx", word));
  });

  test("is refused where it is behind a password", async () => {
    const locked = Buffer.from(file);
    // The first entry that is read is the second in the file.
    for (let at = locked.indexOf("PK\x01\x02"); at >= 0; at = locked.indexOf("PK\x01\x02", at + 1))
      locked[at + 8]! |= 1;
    await expect(read(locked)).rejects.toMatchObject(invalid("password"));
  });

  test.each([
    ["says so", 0xf000_0000, "512 MB"],
    ["hides it", 1000, "damaged"],
  ])("is refused soon where it unpacks to more than any workbook has, and %s", async (_, claimed, word) => {
    const large = Buffer.alloc(20 * 1024 * 1024, " ");
    const bomb = zip({ ...files, "xl/worksheets/sheet1.xml": large });
    const entry = bomb.lastIndexOf("xl/worksheets/sheet1.xml") - 46;
    bomb.writeUInt32LE(claimed, entry + 24);
    await expect(read(bomb)).rejects.toMatchObject(invalid("prices.xlsx", word));
  });

  test("is refused or read as it was, whatever happened to its bytes", async () => {
    const expected = JSON.stringify(await read(file));
    const damage = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const damaged = Buffer.from(file);
        for (const [at, byte] of changes) damaged[at] = byte;
        const outcome = await read(damaged).then(JSON.stringify, (error) => error.code);
        expect([expected, "source_invalid"]).toContain(outcome);
      }),
      { numRuns: runs(200) },
    );
  });
});
