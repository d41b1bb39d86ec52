import pino from "pino";
import pretty from "pino-pretty";
import type { Settings } from "./options.ts";

export type Logger = pino.Logger;

/** A structured logger on standard error, so that standard output stays for results. */
export function createLogger(settings: Pick<Settings, "logLevel" | "logFormat">, service: string): Logger {
  const usePretty =
    settings.logFormat === "pretty" || (settings.logFormat === "auto" && process.stderr.isTTY);
  const options: pino.LoggerOptions = {
    level: settings.logLevel ?? "info",
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  };
  // Synchronous, so that the last lines before an exit are never lost.
  return usePretty
    ? pino(
        options,
        pretty({
          destination: 2,
          sync: true,
          ignore: "pid,hostname,service",
          messageFormat: "{service}: {msg}",
        }),
      )
    : pino(options, pino.destination({ dest: 2, sync: true }));
}
