import { randomUUID } from "node:crypto";
import { type FastifyInstance, fastify } from "fastify";
import { createAuthentication } from "./authentication.ts";
import { revalidate } from "./conditional.ts";
import { addDocs, addOpenApi } from "./docs.ts";
import { answerUnreadable, createErrorAnswers } from "./error-answers.ts";
import { RequestError } from "./errors.ts";
import type { ServerOptions } from "./options.ts";
import { addPage, NOT_FOUND } from "./page.ts";
import { addContentRoute } from "./routes/content-route.ts";
import { addEventRoutes } from "./routes/event-routes.ts";
import { addKpiRoutes } from "./routes/kpi-routes.ts";
import { addLakeRoutes } from "./routes/lake-routes.ts";
import { addSalesRoutes } from "./routes/sales-routes.ts";
import { addStoreRecordRoutes } from "./routes/store-record-routes.ts";
import { addStoreRoutes } from "./routes/store-routes.ts";
import { checkHost, checkMethod, checkQuery, isLoopbackHost, SECURITY_HEADERS } from "./security.ts";

/** An address with long filters; three lists of a hundred long names have to be asked for in parts. */
const MOST_HEADER_BYTES = 128 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Makes the dashboard's server: its API, the API's documentation and the page. It reads only. `listen` binds it, to
 * `options.host`; `close` ends all connections at once.
 *
 * @throws IngotError `invalid_option` where others could reach it and no token is set
 */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { host, token, logger } = options;
  const authenticate = createAuthentication(host, token);
  const isLocal = isLoopbackHost(host);
  const answerError = createErrorAnswers(logger);

  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { maxHeaderSize: MOST_HEADER_BYTES },
    routerOptions: { maxParamLength: 200 },
    genReqId: () => randomUUID(),
    ajv: { customOptions: { removeAdditional: false, strict: false, validateSchema: false, meta: false } },
    frameworkErrors: answerError,
    clientErrorHandler: answerUnreadable,
  });
  // Schemas of answers describe them; they change nothing in what is sent.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  app.setErrorHandler(answerError);

  app.addHook("onRequest", async (request, reply) => {
    reply.headers(SECURITY_HEADERS).header("cache-control", "no-cache");
    if (isLocal) checkHost(request);
    checkMethod(request);
    if (request.routeOptions.url !== "/health") authenticate(request);
    checkQuery(request);
  });
  app.addHook("onSend", revalidate);

  app.setNotFoundHandler(async (request, reply) => {
    if (/^\/api(?:[/?]|$)/.test(request.url)) {
      throw new RequestError("not_found", "There is no such address. /api/docs describes all.");
    }
    return await reply.code(404).type("text/html; charset=utf-8").send(NOT_FOUND);
  });

  await addDocs(app, token !== undefined);
  addLakeRoutes(app, options);
  addContentRoute(app, options);
  addSalesRoutes(app, options);
  addStoreRoutes(app, options);
  addStoreRecordRoutes(app, options);
  addKpiRoutes(app, options);
  addEventRoutes(app, options);
  addOpenApi(app);
  addPage(app, options.pageFolder);
  await app.ready();
  return app;
}
