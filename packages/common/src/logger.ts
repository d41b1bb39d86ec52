import { createRequire } from "node:module";
import pino from "pino";
import type Pretty from "pino-pretty";
import type { Settings } from "./options.ts";

export type Logger = pino.Logger;

const WARN = pino.levels.values.warn!;

export interface LoggerOptions {
  /** The level where no option sets one. */
  usualLevel?: pino.Level;
  /** Writes a line; to standard error where it is absent. */
  write?: (line: string) => void;
  /** Asked before each line that is no warning, where no option sets a level: true leaves it out. */
  isQuiet?: () => boolean;
}

/** A structured logger on standard error, so that standard output stays for results. */
export function createLogger(
  settings: Pick<Settings, "logLevel" | "logFormat">,
  service: string,
  {
    usualLevel = "info",
    write = (line) => process.stderr.write(line),
    isQuiet = () => false,
  }: LoggerOptions = {},
): Logger {
  const options: pino.LoggerOptions = {
    level: settings.logLevel ?? usualLevel,
    hooks: {
      logMethod(args, method, level) {
        const isLeftOut = settings.logLevel === undefined && level < WARN && isQuiet();
        if (!isLeftOut) method.apply(this, args);
      },
    },
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  };
  const usePretty =
    settings.logFormat === "pretty" || (settings.logFormat === "auto" && process.stderr.isTTY);
  if (!usePretty) return pino(options, { write });
  // Few processes have a terminal, and it takes as long to load as pino itself.
  const pretty = createRequire(import.meta.url)("pino-pretty") as typeof Pretty;
  const format = pretty.prettyFactory({
    colorize: process.stderr.isTTY,
    ignore: "service",
    messageFormat: "{service}: {msg}",
    translateTime: "HH:MM:ss",
  });
  return pino(options, { write: (line: string) => write(format(line) ?? "") });
}
