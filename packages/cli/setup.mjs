// Prepares a fresh clone: installs the workspace, its own Node.js included, and builds the dashboard's page. Runs on any
// Node.js from 20 on, before anything is installed, so it uses nothing but Node.js itself. Does nothing where all is in
// place.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const marker = path.join(root, "node_modules", ".ingot-setup");
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

/** Changes when an installation has to be done again. */
function fingerprint() {
  const hash = createHash("sha256");
  for (const file of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"]) {
    hash.update(readFileSync(path.join(root, file)));
  }
  return `${hash.digest("hex")} ${process.platform} ${process.arch} ${root}`;
}

function isReady() {
  return existsSync(marker) && readFileSync(marker, "utf8") === fingerprint();
}

if (!isReady()) {
  process.stderr.write("Setting up (once, about half a minute): packages and Node.js 24 …\n");
  const npx = process.platform === "win32" ? "npx.cmd" : "npx";
  const pnpm = ["--yes", manifest.packageManager, "install", "--frozen-lockfile"];
  // CI=true keeps pnpm from asking whether it may replace modules that another tool installed.
  const env = { ...process.env, CI: "true", npm_config_loglevel: "error" };
  const result = spawnSync(npx, pnpm, {
    cwd: root,
    env,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}\n`);
    process.stderr.write(
      "Setting up failed. It needs npm and the npm registry; mend what is named above and try again.\n",
    );
    process.exit(1);
  }
  writeFileSync(marker, fingerprint());
}

/** Of the commands, those that serve the page: to look at its sources would cost all others a tenth of their start. */
const servesPage = ["up", "dashboard"].includes(process.argv[2]);
const isSetup = path.basename(process.argv[1]) === "setup.mjs";

if ((isSetup || servesPage) && !(await isPageBuilt())) {
  const runtime = path.join(root, "node_modules", ".bin", "node");
  const script = path.join(root, "services", "dashboard", "build-page.mjs");
  const result = spawnSync(runtime, [script], { encoding: "utf8", shell: process.platform === "win32" });
  // Everything but the page works without it, and the dashboard says what to do.
  if (result.status !== 0) {
    process.stderr.write(
      `The dashboard's page could not be built.\n${result.stderr || result.error?.message}\n`,
    );
  }
}

async function isPageBuilt() {
  return (await import("../../services/dashboard/build-page.mjs")).isPageBuilt();
}
