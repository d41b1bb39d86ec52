import path from "node:path";
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { isKnown } from "../conditional.ts";
import { withinTime } from "../deadline.ts";
import type { ServerOptions } from "../options.ts";
import { oneOf } from "../schemas/schema.ts";
import { query } from "./parameters.ts";
import { responses } from "./responses.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".csv": "text/csv; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".parquet": "application/vnd.apache.parquet",
  ".sqlite": "application/vnd.sqlite3",
  ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};
const BYTES = "application/octet-stream";

/** Hands out the objects of gold, byte for byte. Browsers save them and open nothing by themselves. */
export function addContentRoute(
  app: FastifyInstance,
  { pipeline, timeoutMs }: Pick<ServerOptions, "pipeline" | "timeoutMs">,
): void {
  app.get<{ Querystring: { layer: "gold"; key: string } }>(
    "/api/objects/content",
    {
      schema: {
        tags: ["Pipeline"],
        summary: "An object of gold as it is",
        operationId: "getObjectContent",
        description:
          "As a file to be saved, byte for byte, whatever it is. Other layers' objects are not handed out.",
        querystring: query(
          {
            layer: oneOf(["gold"], "What leaves the lake leaves through gold."),
            key: {
              type: "string",
              minLength: 1,
              maxLength: 1024,
              description: "The object's key.",
              examples: ["retail-stores/latest/store_daily_metrics.parquet"],
            },
          },
          ["layer", "key"],
        ),
        response: responses(
          {
            description: "The object.",
            content: { [BYTES]: { schema: { type: "string", format: "binary" } } },
          },
          { isRevalidated: true },
        ),
      },
    },
    async (request, reply) => {
      const { key } = request.query;
      const known = await withinTime(timeoutMs, pipeline.stat("gold", key));
      if (isKnown(request, quoted(known.etag)))
        return await reply.header("etag", quoted(known.etag)).code(304).send();
      reply
        .type(TYPES[path.posix.extname(key)] ?? BYTES)
        .header("content-disposition", attachment(path.posix.basename(key)));
      if (request.method === "HEAD")
        return await reply
          .headers({
            etag: quoted(known.etag),
            "content-length": known.size,
            "last-modified": known.modified.toUTCString(),
          })
          .send();
      const { etag, size, modified, body } = await withinTime(timeoutMs, pipeline.content("gold", key));
      reply.headers({ etag: quoted(etag), "content-length": size, "last-modified": modified.toUTCString() });
      return await reply.send(Readable.from(body));
    },
  );
}

const quoted = (etag: string): string => `"${etag.replace(/[^\x21\x23-\x7e]/g, "")}"`;

/** Programs that do not know the second form take the first (RFC 6266). */
function attachment(name: string): string {
  const plain = name.replace(/[^\w.-]/g, "_");
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"${plain === name ? "" : `; filename*=UTF-8''${encoded}`}`;
}
