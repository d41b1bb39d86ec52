import type { FastifyInstance } from "fastify";
import { STORE_STEPS, type StoreMonth, type StoreSeriesFilter } from "../../api/contract.ts";
import type { CsvOptions } from "../../downloads/table-file.ts";
import { marked } from "../../downloads/table-file.ts";
import { downloadName } from "../../stores/download.ts";
import { withinTime } from "../deadline.ts";
import { invalidParameter, RequestError } from "../errors.ts";
import type { ServerOptions } from "../options.ts";
import { oneOf } from "../schemas/schema.ts";
import { storeChoicesSchema, storeKpisSchema, storeSeriesSchema } from "../schemas/stores.ts";
import { asFile } from "../send-table.ts";
import { CSV_PARAMETERS, query } from "./parameters.ts";
import { json, responses } from "./responses.ts";
import { STORE_CHOICES_EXAMPLE, STORE_KPIS_EXAMPLE, STORE_SERIES_EXAMPLE } from "./store-examples.ts";

const STORE = {
  type: "string",
  minLength: 1,
  maxLength: 200,
  description: "Only this store, by its id. Without it all stores.",
};
const YEAR = { type: "integer", minimum: 1, maximum: 9999, examples: [2024] };
const MONTH = { type: "integer", minimum: 1, maximum: 12, examples: [1] };

const SERIES_PARAMETERS = {
  step: oneOf(STORE_STEPS, "What a point stands for."),
  year: { ...YEAR, description: "The year, for steps of months and days." },
  month: { ...MONTH, description: "The month, for steps of days." },
  store: STORE,
};

/** The metrics of the stores (contract: retail stores, section 7). */
export function addStoreRoutes(
  app: FastifyInstance,
  { stores, timeoutMs }: Pick<ServerOptions, "stores" | "timeoutMs">,
): void {
  const within = async <T>(work: Promise<T | undefined>): Promise<T> => {
    const answer = await withinTime(timeoutMs, work);
    if (answer !== undefined) return answer;
    throw new RequestError(
      "not_found",
      "Gold has no metrics of stores yet. `ingot run retail-stores` makes them.",
    );
  };

  app.get(
    "/api/stores/filters",
    {
      config: { isRevalidated: true },
      schema: {
        tags: ["Stores"],
        summary: "What stores' metrics can be filtered by",
        operationId: "getStoreFilters",
        description:
          "The years and months with metrics, and all stores. Nothing where gold has no metrics of stores.",
        querystring: query({}),
        response: responses(json(storeChoicesSchema, "The choices.", STORE_CHOICES_EXAMPLE), {
          isRevalidated: true,
        }),
      },
    },
    () => within(stores.choices()),
  );

  app.get<{ Querystring: StoreMonth }>(
    "/api/stores/kpis",
    {
      config: { isRevalidated: true },
      schema: {
        tags: ["Stores"],
        summary: "A month of the stores",
        operationId: "getStoreKpis",
        description:
          "Figures against the month before. Of the current month only the days until today count, and of the month before those until the same day of the month.",
        querystring: query(
          {
            year: { ...YEAR, description: "The year." },
            month: { ...MONTH, description: "The month, 1 to 12." },
            store: STORE,
          },
          ["year", "month"],
        ),
        response: responses(json(storeKpisSchema, "The figures.", STORE_KPIS_EXAMPLE), {
          isRevalidated: true,
        }),
      },
    },
    ({ query: asked }) => within(stores.kpis(asked)),
  );

  app.get<{ Querystring: StoreSeriesFilter }>(
    "/api/stores/series",
    {
      config: { isRevalidated: true },
      schema: {
        tags: ["Stores"],
        summary: "The stores' metrics over time",
        operationId: "getStoreSeries",
        description:
          "All metrics for each day of a month, each month of a year, each quarter or each year: sums over stores and days, and rates of these sums.",
        querystring: query(SERIES_PARAMETERS, ["step"]),
        response: responses(json(storeSeriesSchema, "The metrics.", STORE_SERIES_EXAMPLE), {
          isRevalidated: true,
        }),
      },
    },
    ({ query: asked }) => within(stores.series(seriesFilterOf(asked))),
  );

  app.get<{ Querystring: StoreSeriesFilter & CsvOptions }>(
    "/api/stores/metrics.csv",
    {
      config: { isRevalidated: true },
      schema: {
        tags: ["Stores"],
        summary: "What the charts are made of, as CSV",
        operationId: "getStoreMetricsCSV",
        description:
          "The rows of each store and day as gold has them, with `year` and `month` behind; for quarters a row for each store and quarter. The file's name tells the filter.",
        querystring: query({ ...SERIES_PARAMETERS, ...CSV_PARAMETERS }, ["step"]),
        response: responses(
          {
            description: "UTF-8, commas, a header, `\\n` at line ends, quotes where needed (RFC 4180).",
            content: { "text/csv": { schema: { type: "string" } } },
          },
          { isRevalidated: true },
        ),
      },
    },
    async ({ query: { raw, bom, ...asked } }, reply) => {
      const filter = seriesFilterOf(asked);
      const content = await within(stores.csv(filter, raw));
      return await asFile(reply, downloadName(filter), "csv").send(marked(content, bom));
    },
  );
}

/** What does not apply to a step is left out. @throws RequestError `invalid_parameter` */
function seriesFilterOf({ step, store, year, month }: StoreSeriesFilter): StoreSeriesFilter {
  const filter: StoreSeriesFilter = { step, ...(store !== undefined && { store }) };
  if (step === "year" || step === "quarter") return filter;
  if (year === undefined) throw invalidParameter("year", `year is missing: a step of a ${step} needs it.`);
  if (step === "month") return { ...filter, year };
  if (month === undefined) throw invalidParameter("month", "month is missing: a step of a day needs it.");
  return { ...filter, year, month };
}
