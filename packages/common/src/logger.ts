import pino from "pino";
import pretty from "pino-pretty";
import type { Settings } from "./options.ts";

export type Logger = pino.Logger;

/**
 * A structured logger on standard error, so that standard output stays for results.
 *
 * @param beforeLine called before each line, for those who keep something on the screen
 */
export function createLogger(
  settings: Pick<Settings, "logLevel" | "logFormat">,
  service: string,
  beforeLine: () => void = () => undefined,
): Logger {
  const options: pino.LoggerOptions = {
    level: settings.logLevel ?? "info",
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  };
  const screen = {
    write: (line: string): void => {
      beforeLine();
      process.stderr.write(line);
    },
  };
  const usePretty =
    settings.logFormat === "pretty" || (settings.logFormat === "auto" && process.stderr.isTTY);
  if (!usePretty) return pino(options, screen);
  const format = pretty.prettyFactory({
    colorize: process.stderr.isTTY,
    ignore: "service",
    messageFormat: "{service}: {msg}",
    translateTime: "HH:MM:ss",
  });
  return pino(options, { write: (line: string) => screen.write(format(line) ?? "") });
}
