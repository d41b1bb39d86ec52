import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { FileStore, IngotError, type ObjectStore } from "@ingot/common";
import { csvLine } from "@ingot/engine";
import type { FastifyInstance } from "fastify";
import { expect, onTestFinished } from "vitest";
import { recordingLogger } from "../../../packages/common/test/support/recorders.ts";
import type { ApiError, ColumnType, FilterChoices, SalesFilter, SalesTable } from "../src/api/contract.ts";
import { createServer, type ServerOptions } from "../src/http/index.ts";
import { REPORT_EXAMPLE, STATUS_EXAMPLE } from "../src/http/routes/examples.ts";
import type { LiveEvent } from "../src/live/live.ts";

export const TOKEN = "a-token-of-some-length";

export const CHOICES: FilterChoices = {
  days: { first: "2024-01-01", last: "2024-03-31" },
  today: "2024-04-02",
  channels: [{ name: "web", revenue: 12.5 }],
  countries: [],
  products: [],
};

/** An empty gold layer in a folder of its own. */
export function emptyGold(): FileStore {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-http-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return new FileStore(path.join(folder, "gold"));
}

interface Kpi {
  columns: Record<string, ColumnType>;
  rows: readonly (readonly string[])[];
}

/** Writes KPIs to gold in the form of the contract. */
export async function putKpis(gold: ObjectStore, kpis: Record<string, Kpi>): Promise<void> {
  const entries: Record<string, object> = {};
  for (const [name, { columns, rows }] of Object.entries(kpis)) {
    const bytes = Buffer.from([Object.keys(columns), ...rows].map(csvLine).join(""));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const key = `${name}/20240401T000000_${sha256.slice(0, 8)}.csv`;
    await gold.write(key, bytes);
    await gold.write(`latest/${name}.csv`, bytes);
    entries[name] = {
      key,
      columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
      rows: rows.length,
      sha256,
      updated_at: "2024-04-01T00:00:00.000Z",
    };
  }
  await gold.write("latest/manifest.json", Buffer.from(JSON.stringify({ kpis: entries })));
}

/** What pages hear of, as a test says it. */
export function handLive() {
  const listeners = new Set<(event: LiveEvent) => void>();
  return {
    listeners,
    tell: (event: LiveEvent) => {
      for (const listener of listeners) listener(event);
    },
    hello: () => ({ version: "0.1.0", gold: "g1", stores: "s1" }),
    subscribe: (listener: (event: LiveEvent) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Answers questions about sales by hand. */
export const CUBE: ServerOptions["cube"] = {
  choices: async () => CHOICES,
  report: async (filter) => ({ ...REPORT_EXAMPLE, filter }),
  table: async () => ({
    columns: [
      { name: "product", type: "text" },
      { name: "quantity", type: "quantity" },
      { name: "revenue", type: "money" },
    ],
    rows: [
      ["=cmd|' /C calc'!A0", 1.5, -3.5],
      ["lamp, small", null, 1_234_567.1],
    ],
  }),
};

/** A lake without stores. */
export const NO_STORES: ServerOptions["stores"] = {
  choices: async () => ({ years: [], stores: [], today: "2024-04-02" }),
  kpis: async () => undefined,
  series: async () => undefined,
  csv: async () => undefined,
  records: async () => undefined,
};

const noObject = async (_: string, key: string): Promise<never> => {
  throw new IngotError("object_missing", `gold has no object ${key}`);
};

type Served = Awaited<ReturnType<typeof create>>;

/** The server of tests that need nothing special. Making one takes longer than most tests. */
let usual: Promise<Served> | undefined;

/** A server whose questions are answered by hand. What it was asked, and what it logged, is written down. */
export async function serve(given?: Partial<ServerOptions>): Promise<Served> {
  if (!given) {
    usual ??= create({});
    const served = await usual;
    served.asked.length = 0;
    served.lines.length = 0;
    return served;
  }
  const served = await create(given);
  onTestFinished(() => served.app.close());
  return served;
}

async function create(given: Partial<ServerOptions>) {
  const { logger, lines } = recordingLogger();
  const asked: { filter: SalesFilter; table?: SalesTable }[] = [];
  const app = await createServer({
    cube: {
      ...CUBE,
      report: (filter, limits) => {
        asked.push({ filter });
        return CUBE.report(filter, limits);
      },
      table: (table, filter, limits) => {
        asked.push({ filter, table });
        return CUBE.table(table, filter, limits);
      },
    },
    pipeline: {
      status: async () => STATUS_EXAMPLE,
      objects: async (layer, prefix) => ({ layer, prefix, folders: [], objects: [] }),
      preview: noObject,
      stat: noObject,
      content: noObject,
    },
    stores: NO_STORES,
    gold: new FileStore(path.join(tmpdir(), "ingot-no-lake", "gold")),
    live: handLive(),
    host: "127.0.0.1",
    timeoutMs: 5_000,
    currency: "EUR",
    businessTimezone: "Europe/Paris",
    logger,
    ...given,
  });
  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });
  return { app, get, asked, lines };
}

/** Expects an answer of the error contract. */
export function expectError(
  answer: Awaited<ReturnType<FastifyInstance["inject"]>>,
  status: number,
  code: string,
) {
  const { error } = answer.json<ApiError>();
  expect([answer.statusCode, error.code, answer.headers["content-type"]]).toEqual([
    status,
    code,
    "application/json; charset=utf-8",
  ]);
  expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
  expect(answer.headers["cache-control"]).toBe("no-store");
  return error;
}

type Compile = (schemas: object, options: object) => (route: { schema: object }) => Check;
interface Check {
  (value: unknown): boolean;
  errors?: unknown;
}

const CHECKERS: Compile = (() => {
  const fromFastify = createRequire(createRequire(import.meta.url).resolve("fastify"));
  return fromFastify("@fastify/ajv-compiler")();
})();

export interface ApiDocument {
  components: { schemas: Record<string, object> };
  paths: Record<string, { get: ApiOperation }>;
}

interface ApiOperation {
  operationId: string;
  parameters?: { name: string; description?: string }[];
  responses: Record<
    string,
    { description: string; content?: Record<string, { schema: object; example?: unknown }> }
  >;
}

export function documentOf(app: FastifyInstance): ApiDocument {
  return app.swagger() as unknown as ApiDocument;
}

/** A check of values against a schema of the API's document, which converts nothing. */
export function schemaCheck(app: FastifyInstance, schema: object): (value: unknown) => void {
  const customOptions = { coerceTypes: false, removeAdditional: false, useDefaults: false, strict: false };
  const { schemas } = documentOf(app).components;
  const local = JSON.parse(JSON.stringify({ schema, schemas }).replaceAll("#/components/schemas/", "api:"));
  const named = Object.entries<object>(local.schemas).map(([name, one]) => [
    `api:${name}`,
    { $id: `api:${name}`, ...one },
  ]);
  const check = CHECKERS(Object.fromEntries(named), { customOptions })({ schema: local.schema });
  return (value) => {
    check(value);
    expect(check.errors ?? []).toEqual([]);
  };
}
