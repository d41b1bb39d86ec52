import { createHash, createHmac } from "node:crypto";
import { isIPv4 } from "node:net";
import { formatUnits, formatUnitsShort, parseUnits } from "@ingot/common";
import { Cells, CsvBuffer } from "@ingot/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SilverRows } from "../src/ecommerce/silver/silver-rows.ts";
import { ISO_DAY_BYTES, writeIsoDay } from "../src/values/civil-time.ts";
import { instantOf, parseInstant } from "../src/values/instants.ts";
import { isIpv4 } from "../src/values/ip-address.ts";
import { LowerCaseHashes } from "../src/values/lower-case-hashes.ts";
import { trim, unitsOf } from "../src/values/text.ts";
import { textHash } from "../src/values/text-hash.ts";
import { timeZone, UTC } from "../src/values/timezone.ts";

/*
 * What is read from bytes and written as bytes, against the plain way by strings.
 */

function cellOf(value: unknown): Cells {
  const cells = new Cells(1);
  cells.set([value]);
  return cells;
}

/** Texts that are nearly of a form: `9` stands for a digit, and now and then a character is another one. */
function nearly(...forms: string[]): fc.Arbitrary<string> {
  const digit = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(..."0123") }, fc.constantFrom(..."456789"));
  const other = fc.constantFrom(..."09-/:.TZtz +,é\u00a0", "");
  const character = (form: string): fc.Arbitrary<string> =>
    fc.oneof(
      { weight: 40, arbitrary: form === "9" ? digit : fc.constant(form) },
      { weight: 1, arbitrary: other },
    );
  return fc
    .constantFrom(...forms)
    .chain((form) => fc.tuple(...[...form].map(character)).map((it) => it.join("")));
}

test("an instant is the same from bytes as from a string", () => {
  const forms = nearly(
    "9999-99-99",
    "99/99/9999",
    "9999/99/99 99:99:99",
    "2099-09-29T19:59:59Z",
    "2099-09-29 09:59:59.999999999",
    "19-09-2009T09:59:59.9Z",
    "2099-09-29T09:59:59+02:00",
    "1999999999.9",
  );
  const zones = [UTC, timeZone("Europe/Paris"), timeZone("America/St_Johns")];
  let real = 0;
  fc.assert(
    fc.property(forms, fc.constantFrom(...zones), (text, zone) => {
      const expected = parseInstant(text, zone);
      if (expected) real += 1;
      expect(instantOf(cellOf(text), 0, zone)?.utc).toBe(expected?.utc);
      expect(instantOf(cellOf(text), 0, zone)?.date).toBe(expected?.date);
    }),
    { numRuns: 5000 },
  );
  expect(real).toBeGreaterThan(500);
});

test("numeric text is the same from bytes as from a string", () => {
  const forms = nearly(
    "9",
    "99.99",
    "-9.9999",
    "9999999999.9999",
    "99999999999",
    "9.99999",
    "-0.0",
    "9e9",
    ".9",
    "9.",
  );
  fc.assert(
    fc.property(forms, (text) => {
      expect(unitsOf(cellOf(text), 0)).toBe(parseUnits(text));
    }),
    { numRuns: 5000 },
  );
});

test("an address is one where Node says so", () => {
  const forms = nearly(
    "9.9.9.9",
    "99.99.199.9",
    "255.255.255.255",
    "999.999.999.999",
    "09.9.9.9",
    "9.9.9",
    "9.9.9.9.9",
  );
  fc.assert(
    fc.property(forms, (text) => {
      expect(isIpv4(cellOf(text), 0)).toBe(isIPv4(text));
    }),
    { numRuns: 5000 },
  );
});

test("a text is trimmed as strings are", () => {
  const text = fc.string({ unit: fc.constantFrom(..." \t\n\u00a0\u2003\ufeffaé😀\u007f\u0001") });
  fc.assert(
    fc.property(text, (value) => {
      const cells = cellOf(value);
      trim(cells, 0);
      expect(cells.text(0)).toBe(value.trim());
    }),
    { numRuns: 2000 },
  );
});

describe("a hash is the one that Node makes", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 200 });

  test("without a key", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(textHash(undefined)(value)).toBe(createHash("sha256").update(value).digest("hex"));
      }),
    );
  });

  test("with a key of any length, one after the other", () => {
    fc.assert(
      fc.property(text, fc.array(text, { minLength: 1 }), (key, values) => {
        const hash = textHash(key);
        for (const value of values)
          expect(hash(value)).toBe(createHmac("sha256", key).update(value).digest("hex"));
      }),
    );
  });
});

describe("hashes of many texts in lower case are those that Node makes of each", () => {
  const DIGITS = 16;
  const key = fc.option(fc.string({ unit: "grapheme", maxLength: 80 }), { nil: undefined });

  function nodeHash(text: string, key: string | undefined): string {
    const hash = key === undefined ? createHash("sha256") : createHmac("sha256", key);
    return hash.update(text.toLowerCase()).digest("hex").slice(0, DIGITS);
  }

  /** Far more than are hashed one by one, so that the texts are hashed by the batch. */
  function warm(hashes: LowerCaseHashes): void {
    const rows = new CsvBuffer();
    const cells = cellOf("a");
    for (let count = 0; count < 2000; count += 1) hashes.append(cells, 0, rows);
    hashes.finish();
    const [first, ...others] = new Set(rows.bytes.toString().slice(0, -1).split(","));
    expect([first?.length, others]).toEqual([DIGITS, []]);
  }

  function expectSame(hashes: LowerCaseHashes, texts: readonly string[], key: string | undefined): void {
    const rows = new CsvBuffer();
    for (const text of texts) hashes.append(cellOf(text), 0, rows);
    hashes.finish();
    expect(rows.bytes.toString()).toBe(texts.map((text) => `${nodeHash(text, key)},`).join(""));
  }

  test.each([undefined, "", "key", "k".repeat(64), "k".repeat(65), "ключ"])(
    "of all lengths, with the key %j",
    (key) => {
      const hashes = new LowerCaseHashes(key, DIGITS);
      warm(hashes);
      const texts = Array.from({ length: 301 }, (_, length) => "Az@[`{Z9".repeat(40).slice(0, length));
      expectSame(hashes, texts, key);
      expectSame(hashes, texts.reverse(), key);
    },
  );

  test("of any texts, into rows that grow", () => {
    const unit = fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)) },
      { weight: 1, arbitrary: fc.constantFrom(..."éÉİßΣςΩ😀") },
    );
    const text = fc.oneof(fc.string({ unit, maxLength: 12 }), fc.string({ unit, maxLength: 80 }));
    fc.assert(
      fc.property(key, fc.array(text, { minLength: 1, maxLength: 700 }), (key, texts) => {
        const hashes = new LowerCaseHashes(key, DIGITS);
        warm(hashes);
        const isKept = texts.map((text) => !text.includes("\0"));
        expectSame(
          hashes,
          texts.filter((_, at) => isKept[at]),
          key,
        );
      }),
      { numRuns: 50 },
    );
  });

  test("into the rows of several files in turn", () => {
    const hashes = new LowerCaseHashes("key", DIGITS);
    warm(hashes);
    const files = [new CsvBuffer(), new CsvBuffer()];
    const texts = Array.from({ length: 600 }, (_, at) => `Shop-${at}@example.com`);
    for (const [at, text] of texts.entries()) hashes.append(cellOf(text), 0, files[(at % 3) & 1]!);
    hashes.finish();
    for (const [index, file] of files.entries()) {
      const own = texts.filter((_, at) => ((at % 3) & 1) === index);
      expect(file.bytes.toString()).toBe(own.map((text) => `${nodeHash(text, "key")},`).join(""));
    }
  });

  test("also where there is no WebAssembly", () => {
    const { WebAssembly } = globalThis as { WebAssembly?: unknown };
    try {
      Object.assign(globalThis, { WebAssembly: undefined });
      const hashes = new LowerCaseHashes("key", DIGITS);
      warm(hashes);
      expectSame(hashes, ["Ann@Example.com", "É@example.com"], "key");
    } finally {
      Object.assign(globalThis, { WebAssembly });
    }
  });
});

test("days are written as Date writes them, neighbours and others", () => {
  const day = fc.oneof(
    fc.integer({ min: -719_162, max: 2_932_896 }),
    fc.integer({ min: 18_000, max: 18_400 }),
  );
  const distance = fc.constantFrom(0, 1, 4096, 8192, -4096);
  fc.assert(
    fc.property(day, fc.array(distance), (first, distances) => {
      for (const day of [first, ...distances.map((it) => first + it), first]) {
        const expected = new Date(day * 86_400_000).toISOString();
        if (expected.length > "0000-00-00T00:00:00.000Z".length || expected < "0001") continue;
        const bytes = Buffer.alloc(ISO_DAY_BYTES);
        writeIsoDay(bytes, 0, day);
        expect(bytes.toString()).toBe(expected.slice(0, ISO_DAY_BYTES));
      }
    }),
    { numRuns: 2000 },
  );
});

test("figures are written as text has them", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.nat(200_000),
        fc.nat(100).map((n) => n * 10_000),
        fc.maxSafeNat(),
      ),
      (units) => {
        const silver = new SilverRows();
        silver.amount(units);
        silver.quantity(units);
        silver.amount(undefined);
        silver.csv.endRow();
        expect(silver.bytes.toString()).toBe(`${formatUnits(units)},${formatUnitsShort(units)},\n`);
      },
    ),
    { numRuns: 2000 },
  );
});
