import { productVersion } from "@ingot/common";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { SalesFilter, SalesTable } from "../../api/contract.ts";
import { MOST_DAYS } from "../../cube/report.ts";
import { printValue } from "../../downloads/table.ts";
import { type CsvOptions, TABLE_FORMATS, type TableFormat, tableFile } from "../../downloads/table-file.ts";
import { isKnown, tagOf } from "../conditional.ts";
import { withinTime } from "../deadline.ts";
import type { ServerOptions } from "../options.ts";
import { periodOf } from "../period.ts";
import { tableRowsSchema } from "../schemas/lake.ts";
import { choicesSchema, reportSchema, salesTableName } from "../schemas/sales.ts";
import { asFile, checkRoom } from "../send-table.ts";
import { CHOICES_EXAMPLE, REPORT_EXAMPLE, SALES_ROWS_EXAMPLE } from "./examples.ts";
import { CSV_PARAMETERS, FILTER_PARAMETERS, type FilterParameters, query } from "./parameters.ts";
import { file, json, responses } from "./responses.ts";

const SUMMARIES: Readonly<Record<TableFormat, string>> = {
  csv: "A table of the business as CSV",
  json: "A table of the business as JSON",
  xlsx: "A table of the business as an Excel file",
};

interface TableRequest {
  Params: { table: SalesTable };
  Querystring: FilterParameters & Partial<CsvOptions>;
}

/** Questions to the cube of sales, customers and visits. */
export function addSalesRoutes(app: FastifyInstance, { cube, timeoutMs, currency }: ServerOptions): void {
  const limits = { timeoutMs };

  const filterOf = async (asked: FilterParameters, mostDays?: number): Promise<SalesFilter> => {
    const { from, to, channel = [], country = [], product = [] } = asked;
    const known = from === undefined || to === undefined ? await cube.choices(limits) : { today: to };
    return { ...periodOf({ from, to }, known, mostDays), channel, country, product };
  };

  app.get(
    "/api/filters",
    {
      config: { isRevalidated: true },
      schema: {
        tags: ["Business"],
        summary: "What sales can be filtered by",
        operationId: "getFilters",
        description: "The days there are, and all channels, countries and products with their revenue.",
        querystring: query({}),
        response: responses(json(choicesSchema, "The choices.", CHOICES_EXAMPLE), { isRevalidated: true }),
      },
    },
    () => withinTime(timeoutMs, cube.choices(limits)),
  );

  app.get<{ Querystring: FilterParameters }>(
    "/api/sales",
    {
      config: { isRevalidated: true },
      schema: {
        tags: ["Business"],
        summary: "The business in a period",
        operationId: "getSales",
        description: `Figures against the previous period, sales by day, product, channel and country, and visits. A period has at most ${MOST_DAYS} days.`,
        querystring: query(FILTER_PARAMETERS),
        response: responses(json(reportSchema, "The report.", REPORT_EXAMPLE), { isRevalidated: true }),
      },
    },
    ({ query: asked }) =>
      withinTime(
        timeoutMs,
        filterOf(asked, MOST_DAYS).then((filter) => cube.report(filter, limits)),
      ),
  );

  const fileOf = async (request: FastifyRequest<TableRequest>, format: TableFormat) => {
    const { raw = false, bom = false, ...asked } = request.query;
    const { table: name } = request.params;
    const filter = await filterOf(asked);
    const { columns, rows } = await cube.table(name, filter, limits);
    checkRoom(rows.length, format);
    const printed = rows.map((row) => row.map((value, at) => printValue(value, columns[at]!.type)));
    const table = { name, columns, rows: printed };
    const fileName = `${name}_${filter.from}_${filter.to}`;
    const etag = format === "xlsx" ? tagOf(JSON.stringify([table, currency, productVersion()])) : undefined;
    // Whoever has it is answered 304 in any case.
    if (etag !== undefined && isKnown(request, etag)) return { fileName, etag, content: "" };
    const content = await tableFile(table, format, { raw, bom, currency }, limits);
    return { fileName, etag, content };
  };

  for (const format of TABLE_FORMATS) {
    app.get<TableRequest>(
      `/api/sales/:table.${format}`,
      {
        config: { isRevalidated: true },
        schema: {
          tags: ["Business"],
          summary: SUMMARIES[format],
          operationId: `getSalesTable${format.toUpperCase()}`,
          description: `All rows of a table of \`/api/sales\`, with the same filter. Of periods of more than ${MOST_DAYS} days, tables by day have only the days with sales or visits.`,
          params: { type: "object", properties: { table: salesTableName }, required: ["table"] },
          querystring: query({ ...FILTER_PARAMETERS, ...(format === "csv" ? CSV_PARAMETERS : {}) }),
          response: responses(file(format, tableRowsSchema, SALES_ROWS_EXAMPLE), { isRevalidated: true }),
        },
      },
      async (request, reply) => {
        const { fileName, etag, content } = await withinTime(timeoutMs, fileOf(request, format));
        // An Excel file has the time in it: its own bytes would not tell whether the table changed.
        if (etag !== undefined) reply.header("etag", etag);
        return await asFile(reply, fileName, format).send(content);
      },
    );
  }
}
