import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";

/** Debian's and others' names of the browser. */
const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The browser of this machine; `undefined` where there is none. @throws where tests in it are required */
export function browserProgram(): string | undefined {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  const programs = BROWSERS.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  const program = programs.find((candidate) => existsSync(candidate));
  if (program === undefined && process.env.INGOT_TEST_BROWSER === "required")
    throw new Error("INGOT_TEST_BROWSER=required, but there is no Chromium on the PATH.");
  return program;
}

/** A browser that asks nobody but the pages it is sent to. */
export function launchBrowser(program: string): Promise<Browser> {
  return chromium.launch({
    executablePath: program,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What keeps people from using the page as it is now: axe's serious and critical findings, with their places. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}

/** Collects what a page must not do: errors on its console, and requests to anybody but its server. */
export function watchMisdeeds(page: Page, url: string): string[] {
  const misdeeds: string[] = [];
  page.on("pageerror", ({ message }) => misdeeds.push(`error: ${message}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) misdeeds.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(url))
      misdeeds.push(`request: ${request.url()}`);
  });
  return misdeeds;
}
