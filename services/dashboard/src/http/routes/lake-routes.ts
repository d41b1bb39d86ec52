import { productVersion } from "@ingot/common";
import type { FastifyInstance } from "fastify";
import type { PageSettings } from "../../api/contract.ts";
import type { OpenLayer } from "../../pipeline/open-layers.ts";
import { withinTime } from "../deadline.ts";
import type { ServerOptions } from "../options.ts";
import { BROWSED_LAYERS, listingSchema, previewSchema } from "../schemas/lake.ts";
import { settingsSchema } from "../schemas/sales.ts";
import { oneOf } from "../schemas/schema.ts";
import { statusSchema } from "../schemas/status.ts";
import { LISTING_EXAMPLE, PREVIEW_EXAMPLE, SETTINGS_EXAMPLE, STATUS_EXAMPLE } from "./examples.ts";
import { query } from "./parameters.ts";
import { json, responses } from "./responses.ts";

/** Keys are at most 1,024 bytes on all stores. */
const KEY = { type: "string", maxLength: 1024 };
const LAYER = oneOf(BROWSED_LAYERS, "Bronze and quarantine hold personal data and cannot be looked into.");

/** The pipeline's state, and the objects of the lake. */
export function addLakeRoutes(app: FastifyInstance, options: ServerOptions): void {
  const { pipeline, timeoutMs, currency, businessTimezone } = options;
  const settings: PageSettings = {
    version: productVersion(),
    currency,
    business_timezone: businessTimezone,
  };

  app.get(
    "/health",
    {
      schema: {
        tags: ["Pipeline"],
        summary: "Whether the dashboard answers",
        operationId: "getHealth",
        description: "Needs no token, and tells nothing else.",
        security: [],
        querystring: query({}),
        response: {
          200: {
            description: "It does.",
            content: {
              "application/json": {
                schema: { type: "object", properties: { status: { const: "ok" } }, required: ["status"] },
              },
            },
          },
        },
      },
    },
    async () => ({ status: "ok" }),
  );

  app.get(
    "/api/settings",
    {
      config: { isRevalidated: true },
      schema: {
        tags: ["Business"],
        summary: "What holds for all figures",
        operationId: "getSettings",
        description: "The currency of all amounts and the time zone of all days.",
        querystring: query({}),
        response: responses(json(settingsSchema, "The settings.", SETTINGS_EXAMPLE), { isRevalidated: true }),
      },
    },
    async () => settings,
  );

  app.get(
    "/api/status",
    {
      schema: {
        tags: ["Pipeline"],
        summary: "The pipeline's state",
        operationId: "getStatus",
        description: "Layers, backlog, services, rejected records, checks and the history of runs.",
        querystring: query({}),
        response: responses(json(statusSchema, "The state.", STATUS_EXAMPLE)),
      },
    },
    () => withinTime(timeoutMs, pipeline.status()),
  );

  app.get<{ Querystring: { layer: OpenLayer; prefix: string; after?: string } }>(
    "/api/objects",
    {
      schema: {
        tags: ["Pipeline"],
        summary: "A folder of the lake",
        operationId: "listObjects",
        description: "Folders and objects of silver or gold, up to 500; `next` tells where to go on.",
        querystring: query(
          {
            layer: LAYER,
            prefix: {
              ...KEY,
              default: "",
              description: "The folder, with a slash at its end.",
              examples: ["latest/"],
            },
            after: { type: "string", maxLength: 1026, description: "`next` of the answer before." },
          },
          ["layer"],
        ),
        response: responses(json(listingSchema, "The folder.", LISTING_EXAMPLE)),
      },
    },
    ({ query: { layer, prefix, after } }) => withinTime(timeoutMs, pipeline.objects(layer, prefix, after)),
  );

  app.get<{ Querystring: { layer: OpenLayer; key: string } }>(
    "/api/objects/preview",
    {
      schema: {
        tags: ["Pipeline"],
        summary: "The beginning of an object",
        operationId: "previewObject",
        description: "The first 50 rows of a CSV or Parquet file, or the beginning of a text.",
        querystring: query(
          {
            layer: LAYER,
            key: {
              ...KEY,
              minLength: 1,
              description: "The object's key.",
              examples: ["latest/manifest.json"],
            },
          },
          ["layer", "key"],
        ),
        response: responses(json(previewSchema, "The preview.", PREVIEW_EXAMPLE)),
      },
    },
    ({ query: { layer, key } }) => withinTime(timeoutMs, pipeline.preview(layer, key)),
  );
}
