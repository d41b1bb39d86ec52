import type { FastifyInstance } from "fastify";
import { createEventStreams } from "../events.ts";
import type { ServerOptions } from "../options.ts";
import { SECURITY_HEADERS } from "../security.ts";
import { query } from "./parameters.ts";
import { responses } from "./responses.ts";

const HEAD = {
  ...SECURITY_HEADERS,
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // Proxies that collect answers before they pass them on leave this one alone.
  "x-accel-buffering": "no",
};

/** Tells pages what changes, as it does. */
export function addEventRoutes(app: FastifyInstance, { live }: Pick<ServerOptions, "live">): void {
  const streams = createEventStreams(live);
  app.addHook("preClose", async () => streams.close());
  app.get(
    "/api/events",
    {
      schema: {
        tags: ["Pipeline"],
        summary: "What changes, as it does",
        operationId: "getEvents",
        description:
          "Server-sent events: `hello` (`{version, gold, stores}`) at the beginning, `gold` (`{gold, updated_at}`) whenever " +
          "gold's KPIs have changed, `stores` (`{stores, updated_at}`) whenever the stores' metrics have, `status` (`{at}`) " +
          "whenever the pipeline's figures have. A comment every 15 s keeps the connection.",
        querystring: query({}),
        response: responses({
          description: "A stream that does not end.",
          content: { "text/event-stream": { schema: { type: "string" } } },
        }),
      },
    },
    async (request, reply) => {
      streams.checkRoom();
      if (request.method === "HEAD") return await reply.headers(HEAD).send();
      reply.hijack();
      reply.raw.writeHead(200, HEAD);
      streams.add(reply.raw);
      return reply;
    },
  );
}
