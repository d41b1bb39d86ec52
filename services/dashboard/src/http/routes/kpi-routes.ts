import { createHash } from "node:crypto";
import { productVersion } from "@ingot/common";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isHarmless } from "../../downloads/csv.ts";
import {
  type CsvOptions,
  type FileOptions,
  marked,
  TABLE_FORMATS,
  type TableFormat,
  tableFile,
} from "../../downloads/table-file.ts";
import { ByteCache } from "../byte-cache.ts";
import { isKnown } from "../conditional.ts";
import { withinTime } from "../deadline.ts";
import { createGoldKpis, type GoldKpi, kpiInfo, tableOf } from "../gold-kpis.ts";
import type { ServerOptions } from "../options.ts";
import { kpiListSchema, tableRowsSchema } from "../schemas/lake.ts";
import { asFile, checkRoom } from "../send-table.ts";
import { KPI_ROWS_EXAMPLE, KPIS_EXAMPLE } from "./examples.ts";
import { CSV_PARAMETERS, query } from "./parameters.ts";
import { file, json, responses } from "./responses.ts";

const CACHE_BYTES = 64 * 1024 * 1024;

const PARAMS = {
  type: "object",
  properties: {
    kpi: {
      type: "string",
      pattern: "^[a-z][a-z0-9_]*$",
      maxLength: 100,
      description: "The KPI's name, as `/api/kpis` lists it.",
      examples: ["sales_by_day"],
    },
  },
  required: ["kpi"],
};

const SUMMARIES: Readonly<Record<TableFormat, string>> = {
  csv: "A KPI as CSV",
  json: "A KPI as JSON",
  xlsx: "A KPI as an Excel file",
};

type KpiRequest = FastifyRequest<{ Params: { kpi: string }; Querystring: Partial<CsvOptions> }>;

/** Gold as it lies in storage, at addresses that stay the same. */
export function addKpiRoutes(app: FastifyInstance, { gold, timeoutMs, currency }: ServerOptions): void {
  const kpis = createGoldKpis(gold);
  const cache = new ByteCache(CACHE_BYTES);

  app.get(
    "/api/kpis",
    {
      config: { isRevalidated: true },
      schema: {
        tags: ["KPIs"],
        summary: "What is in gold",
        operationId: "listKpis",
        description:
          "All KPIs with their columns and addresses. Empty until the aggregator has published something.",
        querystring: query({}),
        response: responses(json(kpiListSchema, "All KPIs.", KPIS_EXAMPLE), { isRevalidated: true }),
      },
    },
    async () => ({ kpis: (await withinTime(timeoutMs, kpis.list())).map(kpiInfo) }),
  );

  const contentOf = (kpi: GoldKpi, format: TableFormat, raw: boolean): Promise<Buffer> => {
    const options = { raw, bom: false, currency };
    return cache.get(etagOf(kpi, format, options), async () => {
      const bytes = await kpis.bytes(kpi);
      if (format === "csv" && raw) return bytes;
      const table = await tableOf(kpi, bytes);
      // Byte for byte what lies in gold.
      if (format === "csv" && isHarmless(table)) return bytes;
      return await tableFile(table, format, options, { timeoutMs });
    });
  };

  const prepare = async (request: KpiRequest, format: TableFormat) => {
    const { raw = false, bom = false } = request.query;
    const kpi = await kpis.find(request.params.kpi);
    const etag = etagOf(kpi, format, { raw, bom, currency });
    if (isKnown(request, etag)) return { kpi, etag };
    checkRoom(kpi.rows, format);
    return { kpi, etag, content: marked(await contentOf(kpi, format, raw), bom) };
  };

  const answer = async (request: KpiRequest, reply: FastifyReply, format: TableFormat): Promise<unknown> => {
    const { kpi, etag, content } = await withinTime(timeoutMs, prepare(request, format));
    reply.header("etag", etag).header("last-modified", new Date(kpi.updatedAt).toUTCString());
    if (!content) return await reply.code(304).send();
    return await asFile(reply, kpi.name, format).send(content);
  };

  for (const format of TABLE_FORMATS) {
    app.get(
      `/api/kpis/:kpi.${format}`,
      {
        schema: {
          tags: ["KPIs"],
          summary: SUMMARIES[format],
          operationId: `getKpi${format.toUpperCase()}`,
          description:
            "The address stays the same while its content follows gold; with `If-None-Match` it is sent only when it changed.",
          params: PARAMS,
          querystring: query(format === "csv" ? CSV_PARAMETERS : {}),
          response: responses(file(format, tableRowsSchema, KPI_ROWS_EXAMPLE), { isRevalidated: true }),
        },
      },
      (request, reply) => answer(request as KpiRequest, reply, format),
    );
  }
}

/** The hash that the manifest has too, and what else decides about the bytes. */
function etagOf(
  { name, sha256, columns }: GoldKpi,
  format: TableFormat,
  { raw, bom, currency }: FileOptions,
): string {
  if (raw && !bom) return `"${sha256}"`;
  const form = JSON.stringify([name, format, raw, bom, currency, columns, productVersion()]);
  return `"${sha256}.${createHash("sha256").update(form).digest("base64url").slice(0, 8)}"`;
}
