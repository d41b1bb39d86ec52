// Builds the dashboard's page from web/ into dist/: `node services/dashboard/build-page.mjs`. What it exports needs nothing
// but Node.js itself, because it is asked before anything is installed.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, "dist");
const MARKER = ".built-from";
const marker = path.join(dist, MARKER);
const sources = ["package.json", "build-page.mjs", "web", path.join("src", "api")];

/** Changes with every source of the page. Sizes and times, not contents: it is asked at each start. */
function fingerprint() {
  const hash = createHash("sha256");
  for (const source of sources) {
    for (const file of filesIn(path.join(here, source))) {
      const { size, mtimeMs } = statSync(file);
      hash.update(`${path.relative(here, file)} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest("hex");
}

function filesIn(file) {
  if (!existsSync(file)) return [];
  if (!statSync(file).isDirectory()) return [file];
  return readdirSync(file)
    .sort()
    .flatMap((name) => (name === "node_modules" ? [] : filesIn(path.join(file, name))));
}

/** True where the page was built from the sources as they are. */
export function isPageBuilt() {
  return existsSync(marker) && readFileSync(marker, "utf8") === fingerprint();
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { build } = await import("vite");
  const from = fingerprint();
  const fresh = path.join(here, `dist-${process.pid}`);
  try {
    const configFile = path.join(here, "web", "vite.config.ts");
    await build({ configFile, logLevel: "warn", build: { outDir: fresh, emptyOutDir: true } });
    writeFileSync(path.join(fresh, MARKER), from);
    // Whole or not at all: several may build at once, and a page may be served meanwhile.
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
  } catch (error) {
    if (!isPageBuilt()) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
