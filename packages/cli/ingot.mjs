#!/usr/bin/env node
// The command `ingot`. In a clone that nothing has been installed in yet, or that has changed since, it sets it up first.
import { spawn } from "node:child_process";
// As a whole: an older Node.js, which only starts the right one, lacks what is used of it.
import module from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import "./setup.mjs";

const RUNTIME_MAJOR = "24";

const main = new URL("src/main.ts", import.meta.url);
if (process.versions.node.split(".")[0] === RUNTIME_MAJOR) {
  keepCompiled();
  await import(main.href);
} else runWithOwnRuntime();

/** Keeps what Node.js makes of the sources for the next start, which takes a third of the time then. */
function keepCompiled() {
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
    new URL("../../node_modules/.cache/ingot", import.meta.url),
  );
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
}

/** npx and npm scripts find the workspace's own Node.js first; a direct call comes with whatever there is. */
function runWithOwnRuntime() {
  const runtime = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));
  const args = [fileURLToPath(main), ...process.argv.slice(2)];
  const child = spawn(runtime, args, { stdio: "inherit", shell: path.sep === "\\" });
  // Ctrl-C reaches both; the command decides when it is done.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 130);
  });
}
