import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { LAYERS } from "@ingot/common";
import { type DuckDbSession, openDuckDb } from "@ingot/engine";
import { onTestFinished } from "vitest";
import { naiveGold } from "./naive-gold.ts";

/** Whom the tests forget: two customer ids under one address, who had another address before. */
export const EMAIL = "zora.quandt@forget.example";
export const IDS = ["ZQ-4711", "ZQ-0815"];

/** Everything that leads to them. */
const TRACES = /ZQ-4711|ZQ-0815|zora|quandt|oldzq@|198\.51\.100\.7|0170-555/gi;
const PSEUDONYM = /forgotten-[0-9a-f]{16}/g;

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

/** Raw files of all sorts that name them, and others. */
export const RAW: Readonly<Record<string, string | Buffer>> = {
  "customers/dt=2026-01-01/customers_1.csv":
    '\ufeffcustomer_id;first_name;last_name;email;country;signup_date;phone\r\nA-1;Ann;"Lee; jr";ann@x.example;FR;2026-01-01;1\r\n"ZQ-4711";"Zora";Quandt;Zora.Quandt@Forget.example;DE;2026-01-01;0170-555\r\nA-2;"B ""b""";Boe;;;2026-01-01;\r\nZQ-4711;"Zora"x;Quandt;oldzq@x.example;DE;2026-01-01;\r\n;Zora;Quandt;zora.quandt@forget.example;DE;2026-01-01;0170-555\r\n',
  "customers/dt=2026-01-01/customers_2.json.gz": gzipSync(
    '[{"customer_id":"\\u005AQ-4711","first_name":"Zora","last_name":"Quandt","email":"oldzq@x.example","country":"DE","signup_date":"2026-01-02","vip":true},\n {"customer_id":"A-3","first_name":"C","last_name":"D","email":"c@x.example","country":"IT","signup_date":"2026-01-02"},\n {"customer_id":"ZQ-0815","first_name":"Zora","last_name":"Quandt","email":"zora.quandt\\u0040forget.example","country":"AT","signup_date":"2026-01-02"}]',
  ),
  "customers/dt=2026-01-02/customers_3.csv": latin1(
    "customer_id,first_name,last_name,email,country,signup_date\nA-4,J\xfcrgen,M,j@x.example,DE,2026-01-02\nZQ-4711,Zora,Qu\xe4ndt,zora.quandt@forget.example,DE,2026-01-02\nA-5,E,F,e@x.example,ES,2026-01-02\nZQ-4711,Zora,Quandt,zora.quandt@forget.example,DE,not a date\n",
  ),
  "orders/dt=2026-01-01/orders_1.json":
    '[{"order_id":"O1","customer_id":"ZQ-4711","product":"Tea","quantity":2,"unit_price":1.5,"total_amount":3.0,"order_ts":"2026-01-01T10:00:00","channel":"web"},{"order_id":"O2","customer_id":"A-1","product":"Caf\\u00e9","quantity":1,"unit_price":9,"total_amount":9,"order_ts":"2026-01-01T11:00:00","channel":"store"} , {"order_id":"O3","customer_id":"Z\\u0051-0815","product":"Tea","quantity":-1,"unit_price":4,"total_amount":null,"order_ts":"2026-01-01T12:00:00","channel":"web","gift":"for Quandt"}]',
  "orders/dt=2026-01-02/orders_2.csv":
    'order_id;customer_id;product;quantity;unit_price;total_amount;order_ts;channel\nO1;ZQ-4711;Tea;3;1.5;4.5;2026-01-02T10:00:00;web\nO4;"ZQ-0815";"Mug; large";1;7;7;2026-01-02T10:00:00;mobile\nO5;A-3;Mug;1;7;7;31/02/2026;mobile\n',
  "orders/dt=2026-01-02/orders_3.jsonl":
    '{"order_id":"O6","customer_id":"A-2","product":"Tea","quantity":1,"unit_price":1.5,"order_ts":"2026-01-02","note":"ask zora.quandt@forget.example"}\n{"order_id":"O7","customer_id":"ZQ-4711","product":"Tea","quantity":1,"unit_price":\n{"order_id":"O8","customer_id":"ZQ-4711","product":"Pot","quantity":1,"unit_price":11,"order_ts":"2026-01-02"}\n',
  "clicks/dt=2026-01-01/clicks_1.txt":
    '{"customer_id":"ZQ-4711","page":"/a?m=zora.quandt%40forget.example","ip":"198.51.100.7","ts":"2026-01-01T10:00:00"}\n{"customer_id":"A-1","page":"/b","ip":"203.0.113.9","ts":"2026-01-01T10:00:01"}\n{"customer_id":"ZQ-4711","page":"/c","ip":"198.51.100.777","ts":"2026-01-01T10:00:02"}\n{"customer_id":"ZQ-4711","page":"/d","ip":"198.51.100.7","ts":"2026-\n',
};

/** The addresses of those records that are kept. */
export const CUSTOMER_EMAILS = ["ann@x.example", EMAIL, "oldzq@x.example", "c@x.example", "e@x.example"];

/** What each raw file has of other people, which has to stay as it is. */
export const OTHERS: readonly string[] = [
  '\r\nA-1;Ann;"Lee; jr";ann@x.example;FR;2026-01-01;1\r\n',
  '\r\nA-2;"B ""b""";Boe;;;2026-01-01;\r\n',
  ',\n {"customer_id":"A-3","first_name":"C","last_name":"D","email":"c@x.example","country":"IT","signup_date":"2026-01-02"},\n ',
  "\nA-4,J\xfcrgen,M,j@x.example,DE,2026-01-02\n",
  ',{"order_id":"O2","customer_id":"A-1","product":"Caf\\u00e9","quantity":1,"unit_price":9,"total_amount":9,"order_ts":"2026-01-01T11:00:00","channel":"store"} , ',
  "\nO5;A-3;Mug;1;7;7;31/02/2026;mobile\n",
  '\n{"customer_id":"A-1","page":"/b","ip":"203.0.113.9","ts":"2026-01-01T10:00:01"}\n',
];

export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), `ingot-${name}-`));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function putRaw(bronze: string): void {
  for (const [key, content] of Object.entries(RAW)) {
    mkdirSync(path.dirname(path.join(bronze, key)), { recursive: true });
    writeFileSync(path.join(bronze, key), content);
  }
}

/** Every file below a folder, hidden ones included. */
export function everyFile(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** What leads to the person in these objects, by name. */
export async function tracesIn(
  objects: Iterable<readonly [name: string, bytes: Buffer]>,
): Promise<Record<string, string[]>> {
  return withReader(async (read) => {
    const found: Record<string, string[]> = {};
    for (const [name, bytes] of objects) {
      const traces = `${name}\n${await read(name, bytes)}`.match(TRACES);
      if (traces) found[name] = [...traces];
    }
    return found;
  });
}

/** A reader of objects as text, for as long as `use` takes. */
export async function withReader<T>(use: (read: Reader) => Promise<T>): Promise<T> {
  const session = await openDuckDb();
  try {
    return await use((name, bytes) => readable(session, name, bytes));
  } finally {
    await session.close();
  }
}

type Reader = (name: string, bytes: Buffer) => Promise<string>;

async function readable(session: DuckDbSession, name: string, bytes: Buffer): Promise<string> {
  const content = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  if (content.toString("latin1", 0, 4) === "PAR1") return parquetText(session, content);
  const text = content.toString("latin1").replaceAll("\0", "");
  return /\.json|\.txt/.test(name) ? `${text}\n${unescaped(text)}` : text;
}

const unescaped = (text: string): string =>
  text.replace(/\\+u([0-9a-f]{4})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));

async function parquetText(session: DuckDbSession, bytes: Buffer): Promise<string> {
  const file = path.join(session.folder, "read.parquet");
  writeFileSync(file, bytes);
  return JSON.stringify(await session.all(`FROM read_parquet('${file}') ORDER BY bronze_key, position`));
}

/** Naive gold of a bronze folder that has compressed files. */
export function naiveGoldOf(bronze: string): Record<string, string> {
  const plain = temporaryFolder("plain");
  cpSync(bronze, plain, { recursive: true });
  for (const file of everyFile(plain)) {
    if (!file.endsWith(".gz")) continue;
    writeFileSync(file.slice(0, -3), gunzipSync(readFileSync(file)));
    rmSync(file);
  }
  return naiveGold(plain);
}

/**
 * What a lake holds in all layers, with the same text for every pseudonym, in the order of their first appearance. What
 * depends on the clock or on how often it was begun is left out.
 */
export function stateOf(folder: string): Promise<Record<string, string>> {
  return withReader(async (read) => {
    const names = new Map<string, string>();
    const named = (found: string): string => {
      if (!names.has(found)) names.set(found, `pseudonym-${names.size + 1}`);
      return names.get(found)!;
    };
    const state: Record<string, string> = {};
    for (const file of LAYERS.flatMap((layer) => everyFile(path.join(folder, layer)).sort())) {
      const name = path.relative(folder, file);
      if (path.basename(file).startsWith(".ingot-") || name.endsWith("_sources.json.gz")) continue;
      const isRecord = name.startsWith("gold/_forgotten/");
      const text = (await read(name, readFileSync(file))).replace(PSEUDONYM, named);
      state[isRecord ? "gold/_forgotten/…" : name] = isRecord
        ? text.replace(/"(begun|done)_at": "[^"]*"/g, "")
        : text;
    }
    return state;
  });
}
