import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from "fastify";
import type { RecordsQuestion } from "../../stores/records.ts";
import { isKnown } from "../conditional.ts";
import { withinTime } from "../deadline.ts";
import { RequestError } from "../errors.ts";
import type { ServerOptions } from "../options.ts";
import type { JsonSchema } from "../schemas/schema.ts";
import { storeRecordsSchema } from "../schemas/stores.ts";
import { query } from "./parameters.ts";
import { json, responses } from "./responses.ts";

const DAY = {
  type: "string",
  format: "date",
  pattern: "^[1-9]",
  description: "`YYYY-MM-DD`.",
  examples: ["2025-01-31"],
};
const STORE = { type: "string", minLength: 1, maxLength: 200, description: "Only this store, by its id." };

interface Asked {
  city?: string;
  date?: string;
  sale_date?: string;
  store_id?: string;
  hour?: number;
}

interface RecordRoute {
  /** Below `/api/stores/`. */
  address: string;
  /** What the contract calls it (retail stores, section 4). */
  aliases: readonly string[];
  operationId: string;
  summary: string;
  description: string;
  parameters: Readonly<Record<string, JsonSchema>>;
  required: readonly string[];
  question(asked: Asked): RecordsQuestion;
  /** What is said where nothing is found; absent where an empty list is the answer. */
  missing?(asked: Asked): string;
}

const RUN_FIRST = "`ingot run retail-stores` cleans what lies in bronze.";
const storeOf = ({ store_id: store }: Asked) => (store === undefined ? {} : { store });

const ROUTES: readonly RecordRoute[] = [
  {
    address: "clients",
    aliases: ["/clients"],
    operationId: "listStoreClients",
    summary: "The clients of a city",
    description: "Without their names, which are not in silver. 404 where the city has none.",
    parameters: {
      city: {
        type: "string",
        minLength: 1,
        maxLength: 200,
        description: "In any case.",
        examples: ["Paris"],
      },
    },
    required: ["city"],
    question: ({ city }) => ({ table: "clients", city: city! }),
    missing: ({ city }) => `There are no clients in ${JSON.stringify(city)}.`,
  },
  {
    address: "products",
    aliases: ["/products"],
    operationId: "listStoreProducts",
    summary: "All products of the stores",
    description: "404 where there are none yet.",
    parameters: {},
    required: [],
    question: () => ({ table: "products" }),
    missing: () => `There are no products yet. ${RUN_FIRST}`,
  },
  {
    address: "stores",
    aliases: ["/stores"],
    operationId: "listStores",
    summary: "All stores",
    description: "404 where there are none yet.",
    parameters: {},
    required: [],
    question: () => ({ table: "stores" }),
    missing: () => `There are no stores yet. ${RUN_FIRST}`,
  },
  {
    address: "retail-data",
    aliases: ["/retail_data", "/retail_data/store"],
    operationId: "listStoreHours",
    summary: "Visitors and transactions of each hour of a day",
    description: "An empty list where the day has none.",
    parameters: { date: DAY, store_id: STORE },
    required: ["date"],
    question: (asked) => ({ table: "retail_data", date: asked.date!, ...storeOf(asked) }),
  },
  {
    address: "sales",
    aliases: ["/sales"],
    operationId: "listStoreSales",
    summary: "The sale lines of a day",
    description:
      "An empty list where the day has none. A day of ten stores has some 60,000 lines; they are streamed.",
    parameters: { sale_date: DAY, store_id: STORE },
    required: ["sale_date"],
    question: (asked) => ({ table: "sales", date: asked.sale_date!, ...storeOf(asked) }),
  },
  {
    address: "sales/hour",
    aliases: ["/sales/hour"],
    operationId: "listStoreSalesOfHour",
    summary: "The sale lines of an hour",
    description: "An empty list where the hour has none.",
    parameters: {
      sale_date: DAY,
      hour: { type: "integer", minimum: 0, maximum: 23, description: "0 to 23; `07` is 7.", examples: [9] },
      store_id: STORE,
    },
    required: ["sale_date", "hour"],
    question: (asked) => ({ table: "sales", date: asked.sale_date!, hour: asked.hour!, ...storeOf(asked) }),
  },
];

/** The cleaned records of the stores. Errors are errors here: an answer of 200 has records and nothing else in it. */
export function addStoreRecordRoutes(
  app: FastifyInstance,
  { stores, timeoutMs }: Pick<ServerOptions, "stores" | "timeoutMs">,
): void {
  const answer = async (
    route: RecordRoute,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<unknown> => {
    const asked = request.query as Asked;
    const nothing = (): [] => {
      if (route.missing) throw new RequestError("not_found", route.missing(asked));
      return [];
    };
    const found = await withinTime(timeoutMs, stores.records(route.question(asked)));
    if (!found) return nothing();
    const etag = `"${found.revision}"`;
    reply.header("etag", etag).type("application/json; charset=utf-8");
    if (isKnown(request, etag)) return await reply.code(304).send();
    if (request.method === "HEAD") return await reply.send("");
    const { rows, bytes, body } = await found.open({ timeoutMs });
    if (rows === 0) {
      body.destroy();
      return nothing();
    }
    return await reply.header("content-length", bytes).send(body);
  };

  for (const route of ROUTES) {
    const { summary, description, operationId, parameters, required } = route;
    const querystring = query(parameters, required);
    const response = responses(json(storeRecordsSchema, "The records."), { isRevalidated: true });
    const documented: RouteShorthandOptions = {
      config: { isRevalidated: true },
      schema: { tags: ["Stores"], summary, description, operationId, querystring, response },
    };
    const handler = (request: FastifyRequest, reply: FastifyReply) => answer(route, request, reply);
    app.get(`/api/stores/${route.address}`, documented, handler);
    const hidden = { config: { isRevalidated: true }, schema: { hide: true, querystring } };
    for (const alias of route.aliases) app.get(alias, hidden, handler);
  }
}
