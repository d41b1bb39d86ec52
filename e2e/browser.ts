import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

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

export interface Browser {
  context: BrowserContext;
  close(): Promise<void>;
}

export interface BrowserOptions {
  program: string;
  locale?: string;
  colorScheme?: "light" | "dark";
  width?: number;
  height?: number;
}

/** A browser with an empty profile that asks nobody but the pages it is sent to. */
export async function openBrowser(options: BrowserOptions): Promise<Browser> {
  const { program, locale = "en-US", colorScheme = "light", width = 1280, height = 900 } = options;
  const profile = mkdtempSync(path.join(tmpdir(), "ingot-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: program,
    headless: true,
    locale,
    colorScheme,
    timezoneId: "UTC",
    viewport: { width, height },
    acceptDownloads: true,
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
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
