import { isUtf8 } from "node:buffer";
import { gzipSync } from "node:zlib";
import { deflated, type GzipReport, inflated } from "@ingot/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DatasetName } from "../../src/ecommerce/datasets.ts";
import {
  type Forgotten,
  forgetRejection,
  type Person,
  PersonText,
  withoutPerson,
} from "../../src/ecommerce/forgetting/index.ts";
import { createRuleContext } from "../../src/index.ts";

const PERSON: Person = {
  customers: [{ id: "C-77", pseudonym: "forgotten-00112233aabbccdd" }],
  emails: ["zora.quandt@example.org"],
  names: ["Zora", "Quandt", "O'Quandt, Jr."],
};
const TEXT = new PersonText(PERSON);
const CONTEXT = createRuleContext({ businessTimezone: "UTC", emailHashKey: "k" });
const TRACES = /C-77(?!\d)|quandt|zora|198\.51\.100\.7/i;

async function* chunks(content: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

/** A content without the person, and what was changed in it. */
async function forget(
  key: string,
  content: string | Uint8Array,
  { person = PERSON, text = TEXT, size = 1 << 20 } = {},
): Promise<{ bytes: Buffer; forgotten: Forgotten }> {
  const forgotten: Forgotten = { records: 0, pieces: 0, left: 0 };
  const gzip: GzipReport = {};
  const dataset = key.split(/[^a-z]/)[0] as DatasetName;
  const body = chunks(Buffer.from(content), size);
  const options = { key, dataset, person, text, context: CONTEXT };
  const pieces = await Array.fromAsync(deflated(withoutPerson(body, options, gzip, forgotten), gzip));
  return { bytes: Buffer.concat(pieces), forgotten };
}

describe("a person's own records", () => {
  test.each([
    [
      "CSV",
      "customers.csv",
      "customer_id,first_name,last_name,email,country,signup_date\nC-77,Zora,Quandt,Zora.Quandt@Example.org,DE,2026-01-01\nC-770,Ann,Lee,a@example.org,FR,2026-01-01\n",
      "customer_id,first_name,last_name,email,country,signup_date\nforgotten-00112233aabbccdd,,,,DE,2026-01-01\nC-770,Ann,Lee,a@example.org,FR,2026-01-01\n",
    ],
    [
      "CSV with semicolons, quotes, odd names of columns, CRLF and a byte order mark",
      "customers.csv",
      '\ufeff"Customer_ID";FIRST_NAME;phone;email;country;signup_date\r\n" C-77 ";"Zo ""Z"" ra";"0170;1";zora.quandt@example.org;"DE";01/02/2026\r\n',
      '\ufeff"Customer_ID";FIRST_NAME;phone;email;country;signup_date\r\n"forgotten-00112233aabbccdd";"";"";;"DE";01/02/2026\r\n',
    ],
    [
      "a JSON array",
      "customers.json",
      '[ {"customer_id": "\\u0043-77", "first_name" : "Zora","last_name":null,"e\\u006dail":"zora.quandt@example.org", "country":"DE","signup_date":"2026-01-01","tags":["x",{"y":1}],"vip":true} ,\n{"customer_id":"C-78","first_name":"Zora"}]',
      '[ {"customer_id": "forgotten-00112233aabbccdd", "first_name" : "","last_name":null,"e\\u006dail":"", "country":"DE","signup_date":"2026-01-01","tags":null,"vip":null} ,\n{"customer_id":"C-78","first_name":"Zora"}]',
    ],
    [
      "orders, with all that counts",
      "orders.jsonl",
      '{"order_id":"1","customer_id":"C-77","product":"Tea","quantity":2,"unit_price":1.50,"order_ts":"2026-01-01","note":"ring at Quandt"}\n',
      '{"order_id":"1","customer_id":"forgotten-00112233aabbccdd","product":"Tea","quantity":2,"unit_price":1.50,"order_ts":"2026-01-01","note":""}\n',
    ],
    [
      "clicks: a valid address stays valid, another invalid",
      "clicks.txt",
      '{"customer_id":"C-77","page":"/c/C-77?m=zora.quandt%40example.org","ip":"198.51.100.7","ts":"2026-01-01"}\n{"customer_id":"C-77","page":"/","ip":"198.51.100.777","ts":"2026-01-01"}\n',
      '{"customer_id":"forgotten-00112233aabbccdd","page":"/c/x-11?m=xxxx.xxxxxx%78xxxxxxx.xxx","ip":"0.0.0.0","ts":"2026-01-01"}\n{"customer_id":"forgotten-00112233aabbccdd","page":"/","ip":"","ts":"2026-01-01"}\n',
    ],
    [
      "a rejected record that has the address and no id",
      "customers.csv",
      "customer_id,first_name,email,signup_date\n,Zora,zora.quandt@example.org,2026-01-01\n",
      "customer_id,first_name,email,signup_date\n,,,2026-01-01\n",
    ],
    ["a row that would become blank", "customers.csv", "email\nzora.quandt@example.org\n", 'email\n""\n'],
  ])("%s", async (_, key, content, expected) => {
    const masked = expected.replaceAll(
      "/c/x-11?m=xxxx.xxxxxx%78xxxxxxx.xxx",
      "/c/xx11?m=xxxxxxxxxxx%78xxxxxxxxxxx",
    );
    expect((await forget(key, content)).bytes.toString()).toBe(masked);
  });

  test("an id that is a number, however it is written", async () => {
    const person = { customers: [{ id: "12", pseudonym: "forgotten-1" }], emails: [], names: [] };
    const text = new PersonText(person);
    const content =
      '[{"order_id":"a","customer_id":12,"quantity":12,"product":"12"},{"order_id":12,"customer_id":"12"},{"customer_id":1.2e1},{"customer_id":120}]';
    const { bytes } = await forget("orders.json", content, { person, text });
    expect(bytes.toString()).toBe(
      '[{"order_id":"a","customer_id":"forgotten-1","quantity":12,"product":"12"},{"order_id":12,"customer_id":"forgotten-1"},{"customer_id":"forgotten-1"},{"customer_id":120}]',
    );
  });
});

describe("what is no record", () => {
  test.each([
    [
      "a line that is cut off",
      "clicks.txt",
      '{"customer_id":"C-77","page":"/","ip":"198.51.100.7","ts":"2026\n{"customer_id":"C-78","page":"/","ip":"198.51.100.8","ts":"2026-01-01"}\n',
    ],
    [
      "a customer that is cut off",
      "customers.json",
      '[{"customer_id":"C-78","first_name":"Al"},{"customer_id":"C-77","first_name":"Zora","phone":"0170","email":"zora.quandt@exa',
    ],
    [
      "a row with too many values",
      "customers.csv",
      "customer_id,first_name,last_name,email\nC-77,Zora,Quandt, Jr.,zora.quandt@example.org\n",
    ],
    [
      "a stray quote",
      "customers.csv",
      'customer_id,first_name,last_name,email\nC-77,"Zora"x,Quandt,zora.quandt@example.org\n',
    ],
    ["an array of values", "customers.jsonl", '{"customer_id":"C-1"}\n["C-77","Zora","Quandt"]\n'],
    [
      "UTF-16",
      "customers.csv",
      Buffer.from("\ufeffcustomer_id,email\nC-77,zora.quandt@example.org\n", "utf16le"),
    ],
    ["no known columns", "customers.csv", "name;mail\nZ;Zora.Quandt@example.org\n"],
  ])("%s loses the person, and is as long and as wrong as before", async (_, key, content) => {
    const before = Buffer.from(content);
    const { bytes, forgotten } = await forget(key, before);
    expect(bytes.toString("latin1").replaceAll("\0", "")).not.toMatch(TRACES);
    expect(bytes.length).toBe(before.length);
    expect(forgotten.pieces).toBeGreaterThan(0);
    expect((await forget(key, bytes)).forgotten).toEqual({ records: 0, pieces: 0, left: 0 });
  });

  test("a Latin-1 row stays rejected, so that no customer appears who did not count", async () => {
    const content = Buffer.from(
      "customer_id;first_name;email;country\nC-77;Zor\xe9;zora.quandt@example.org;D\xc4N\nC-78;B;b@x;FR\n",
      "latin1",
    );
    const { bytes } = await forget("customers.csv", content);
    expect(bytes.toString("latin1")).not.toMatch(/C-77|zor|\xe9|quandt/i);
    expect(isUtf8(bytes)).toBe(false);
    expect(bytes.toString("latin1")).toContain("\nC-78;B;b@x;FR\n");
  });

  test("a record that is too large, and all that is passed over of it", async () => {
    const filling = "x".repeat(400_000);
    const content = `[{"customer_id":"C-77","a":"${filling}","b":"${filling} Zora.quandt@example.org ${filling}"},{"customer_id":"C-1"}]`;
    for (const size of [5_000, 65_536]) {
      const { bytes } = await forget("customers.json", content, { size });
      expect(bytes.length).toBe(content.length);
      expect(bytes.toString()).not.toMatch(/C-77|zora/i);
    }
  });
});

describe("other people's records", () => {
  test("lose the address where nothing is made of it, and nothing else", async () => {
    const content = [
      '{"order_id":"1","customer_id":"C-1","product":"Card for zora.quandt@example.org","note":"from <Zora.Quandt@example.org>, C-77"}',
      '{"order_id":"2","customer_id":"C-1","product":"Tea","note":"joanzora.quandt@example.org"}',
      "",
    ].join("\n");
    const { bytes, forgotten } = await forget("orders.jsonl", content);
    expect(bytes.toString()).toBe(content.replace("Zora.Quandt@example.org", "xxxxxxxxxxxxxxxxxxxxxxx"));
    expect(forgotten).toEqual({ records: 1, pieces: 0, left: 1 });
  });
});

describe("compressed files", () => {
  const content = '{"customer_id":"C-77","first_name":"Zora"}\n{"customer_id":"C-78","first_name":"Al"}\n';
  const expected = content.replace("C-77", "forgotten-00112233aabbccdd").replace("Zora", "");
  const read = async (bytes: Buffer) => {
    const gzip: GzipReport = {};
    return { text: Buffer.concat(await Array.fromAsync(inflated(chunks(bytes, 7), gzip))).toString(), gzip };
  };

  test("are compressed again, always alike", async () => {
    const { bytes } = await forget("customers.jsonl.gz", gzipSync(content));
    expect(await read(bytes)).toEqual({ text: expected, gzip: { isGzip: true } });
    expect((await forget("customers.jsonl.gz", gzipSync(content))).bytes).toEqual(bytes);
  });

  test("that are damaged stay damaged, without losing what can be read", async () => {
    const { bytes } = await forget("customers.jsonl.gz", gzipSync(content).subarray(0, -5));
    const { text, gzip } = await read(bytes);
    expect(text).toBe(expected);
    expect(gzip.damage).toBeDefined();
  });
});

test("a line of quarantine is what the cleaner would make of the rewritten file", () => {
  const line = (raw: string): string =>
    JSON.stringify({ source_key: "k", line: 2, reason: "invalid_ip", raw });
  const click = '{"customer_id":"C-77","page":"/","ip":"198.51.100.777","ts":"2026-01-01"}';
  const forgotten = '{"customer_id":"forgotten-00112233aabbccdd","page":"/","ip":"","ts":"2026-01-01"}';
  expect(forgetRejection(line(click), "clicks", PERSON, TEXT)).toBe(line(forgotten));
  expect(forgetRejection(line("C-77,Zora,x"), "customers", PERSON, TEXT)).toBe(line("xx11,xxxx,x"));
  expect(forgetRejection(line('{"customer_id":"C-78"}'), "clicks", PERSON, TEXT)).toBe(
    line('{"customer_id":"C-78"}'),
  );
});

type Row = { isOwn: boolean; cells: string[] };
const LETTERS = [..."abzäé€😀 .,;\"'\\/:-1\n"];
const word = fc
  .string({ unit: fc.constantFrom(...LETTERS), maxLength: 12 })
  .filter((text) => !TRACES.test(text));
const other: fc.Arbitrary<Row> = fc
  .tuple(fc.constantFrom("C-1", "C-770", "7", "", "XC-7"), word, word, word)
  .map(([id, a, b, c]) => ({
    isOwn: false,
    cells: [id, a, b, `${c.replace(/\W/g, "")}@example.org`, "FR", "2026-01-01", a],
  }));
const own: fc.Arbitrary<Row> = fc
  .tuple(
    fc.constantFrom("C-77", " C-77 "),
    fc.constantFrom("Zora", "ZORA", 'Zo"ra'),
    fc.constantFrom("zora.quandt@example.org", "Zora.Quandt@EXAMPLE.org", ""),
    word,
  )
  .map(([id, first, email, extra]) => ({
    isOwn: true,
    cells: [id, first, "Quandt", email, "DE", "2026-01-01", `${extra} zora`],
  }));
const COLUMNS = ["customer_id", "first_name", "last_name", "email", "country", "signup_date", "phone"];

const withEscapes = (json: string, isEscaped: boolean): string =>
  isEscaped ? json.replace(/[@a]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`) : json;

const formats = {
  csv: (delimiter: string, isQuoted: boolean) => ({
    key: "customers.csv",
    before: `${COLUMNS.join(delimiter)}\n`,
    row: ({ cells }: Row) =>
      cells
        .map((cell) =>
          isQuoted || /["\r\n]/.test(cell) || cell.includes(delimiter)
            ? `"${cell.replaceAll('"', '""')}"`
            : cell,
        )
        .join(delimiter),
    between: "\n",
    after: "\n",
  }),
  json: (isArray: boolean, isEscaped: boolean) => ({
    key: isArray ? "customers.json" : "customers.jsonl",
    before: isArray ? "[" : "",
    row: ({ cells }: Row) =>
      `{${COLUMNS.map((name, at) => `"${name}":"${withEscapes(JSON.stringify(cells[at]).slice(1, -1), isEscaped)}"`).join(", ")}}`,
    between: isArray ? ",\n " : "\n",
    after: isArray ? "]\n" : "\n",
  }),
};

test("in any format and any chunks nothing of the person stays, and others' records stay byte for byte", async () => {
  const format = fc.oneof(
    fc
      .tuple(fc.constantFrom(",", ";", "\t", "|"), fc.boolean())
      .map(([delimiter, quoted]) => formats.csv(delimiter, quoted)),
    fc.tuple(fc.boolean(), fc.boolean()).map(([isArray, isEscaped]) => formats.json(isArray, isEscaped)),
  );
  await fc.assert(
    fc.asyncProperty(
      format,
      fc.array(fc.oneof(other, own), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 400 }),
      async ({ key, before, row, between, after }, rows, size) => {
        const join = (texts: string[]): string => before + texts.join(between) + after;
        const content = join(rows.map(row));
        const { bytes, forgotten } = await forget(key, content, { size });
        const text = bytes.toString();
        const plain = text.replace(/\\u00([0-9a-f]{2})/g, (_, code) =>
          String.fromCharCode(Number.parseInt(code, 16)),
        );
        expect(plain).not.toMatch(TRACES);
        // Everything but the person's own records stands where it stood.
        const kept = rows.map((each) => (each.isOwn ? undefined : row(each)));
        let at = 0;
        for (const [index, each] of [
          before,
          ...kept.flatMap((text, i) => (i === 0 ? [text] : [between, text])),
          after,
        ].entries()) {
          if (each === undefined) continue;
          const found = text.indexOf(each, at);
          expect({ index, each, found: found >= at }).toEqual({ index, each, found: true });
          at = found + each.length;
        }
        expect(forgotten.records).toBe(rows.filter(({ isOwn }) => isOwn).length);
        expect((await forget(key, bytes)).forgotten).toEqual({ records: 0, pieces: 0, left: 0 });
        expect((await forget(key, content)).bytes).toEqual(bytes);
      },
    ),
    { numRuns: 150 },
  );
});
