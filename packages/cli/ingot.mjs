#!/usr/bin/env node
// `ingot` in a clone that nothing has been installed in yet: sets it up, then runs the command with its own Node.js.
// Once that is done, npx finds node_modules/.bin/ingot, which needs no such step.
import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import "./setup.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const runtime = path.resolve(here, "../../node_modules/.bin/node");
const child = spawn(runtime, [path.join(here, "src/main.ts"), ...process.argv.slice(2)], {
  stdio: "inherit",
  shell: process.platform === "win32",
});
// Ctrl-C reaches both; the command decides when it is done.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  process.exitCode = code ?? (signal === null ? 1 : 130);
});
