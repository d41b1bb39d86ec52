import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

const BUILT = fileURLToPath(new URL("../../dist", import.meta.url));
const INDEX = "index.html";

const FOREVER = "public, max-age=31536000, immutable";

/** Serves the page as it was built; where it was not, one that says how to. */
export function addPage(app: FastifyInstance, folder = BUILT): void {
  app.register(fastifyStatic, {
    root: folder,
    index: false,
    dotfiles: "ignore",
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, file) => {
      const { dir } = path.parse(path.relative(folder, file));
      // Names of assets change with their content.
      reply.header("cache-control", dir.split(path.sep)[0] === "assets" ? FOREVER : "no-cache");
    },
  });
  app.get("/", { schema: { hide: true } }, async (_, reply) => {
    if (existsSync(path.join(folder, INDEX))) return await reply.sendFile(INDEX);
    reply.type("text/html; charset=utf-8").header("cache-control", "no-store").code(503);
    return NOT_BUILT;
  });
}

const NOT_BUILT = plainPage(
  "The page is not built",
  `<p>The API works (<a href="/api/docs">its documentation</a>), but the page itself was not built. Run
<code>node services/dashboard/build-page.mjs</code> in the folder of Ingot, then load this again.</p>`,
);

export const NOT_FOUND = plainPage(
  "Not found",
  `<p>There is nothing here. <a href="/">To the dashboard</a></p>`,
);

function plainPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} – Ingot</title></head>
<body><h1>${title}</h1>
${body}
</body>
</html>
`;
}
