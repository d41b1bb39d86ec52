import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { productVersion } from "@ingot/common";
import type { FastifyInstance } from "fastify";
import { API_ERRORS } from "./api-errors.ts";
import { lakeSchemas } from "./schemas/lake.ts";
import { salesSchemas } from "./schemas/sales.ts";
import { statusSchemas } from "./schemas/status.ts";
import { storeSchemas } from "./schemas/stores.ts";

const ABOUT = `Figures of the business from the warehouse, the KPIs of gold at stable addresses, and the pipeline's state.
Everything is read-only.

Days are \`YYYY-MM-DD\` in the business time zone, instants UTC in ISO 8601, amounts in the currency of \`/api/settings\`.

    curl http://127.0.0.1:8080/api/kpis/sales_by_day.csv
    curl "http://127.0.0.1:8080/api/sales/products.csv?from=2025-01-01&to=2025-01-31&channel=web&channel=store"

Where the dashboard has a token (DASHBOARD_TOKEN), send it as \`Authorization: Bearer <token>\`, or as the password of any user.

Answers carry an ETag; a request with \`If-None-Match\` is answered 304 while nothing has changed. Only GET and HEAD are
allowed, unknown parameters are refused, and no question takes longer than the time-out.

Every answer with a status of 400 and above is an \`ApiError\`:

| code | status | |
|---|---|---|
${Object.entries(API_ERRORS)
  .map(([code, { status, meaning }]) => `| \`${code}\` | ${status} | ${meaning} |`)
  .join("\n")}
`;

/** Describes the routes that are added after it, at /api/openapi.json and, for people, at /api/docs. */
export async function addDocs(app: FastifyInstance, hasToken: boolean): Promise<void> {
  for (const schema of [...salesSchemas, ...statusSchemas, ...storeSchemas, ...lakeSchemas])
    app.addSchema(schema);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Ingot dashboard",
        version: productVersion(),
        description: ABOUT,
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      tags: [
        { name: "Business", description: "Sales, customers and visits, filtered." },
        { name: "Stores", description: "Stores: daily metrics of gold, cleaned records of silver." },
        { name: "KPIs", description: "Gold's tables as they lie there." },
        { name: "Pipeline", description: "The lake, its services and their work." },
      ],
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", description: "DASHBOARD_TOKEN." },
          basic: {
            type: "http",
            scheme: "basic",
            description: "Any user, and DASHBOARD_TOKEN as the password.",
          },
        },
      },
      ...(hasToken ? { security: [{ bearer: [] }, { basic: [] }] } : {}),
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema${index}`),
    },
  });
  await app.register(swaggerUi, {
    routePrefix: "/api/docs",
    theme: { title: "Ingot dashboard: API" },
    // Its other layout has an inline style, which the content security policy forbids.
    uiConfig: { layout: "BaseLayout", deepLinking: true, docExpansion: "list", tryItOutEnabled: true },
  });
}

/** To be added last. */
export function addOpenApi(app: FastifyInstance): void {
  app.get("/api/openapi.json", { config: { isRevalidated: true }, schema: { hide: true } }, async () =>
    app.swagger(),
  );
}
