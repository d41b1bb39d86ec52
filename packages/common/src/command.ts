import { parseArgs, styleText } from "node:util";
import { type Clock, systemClock } from "./clock.ts";
import { IngotError, messageOf } from "./errors.ts";
import { createLogger, type Logger, type LoggerOptions } from "./logger.ts";
import { NO_METER, type OpenMeter } from "./meter/meter.ts";
import { createTerminalMeters, isWatched } from "./meter/terminal-meters.ts";
import { createObservation, type Observation, type ProcessObservation } from "./observation.ts";
import { OPTIONS, type OptionName, type OptionSpec, readSettings, type Settings } from "./options.ts";

/** A flag that only one command has. */
export interface FlagSpec {
  help: string;
  /** The name of the value in help; absent for a switch. */
  value?: string;
}

/** What a command does and what it takes; help is made from it. */
export interface Command {
  name: string;
  summary: string;
  /** What somebody who has never used it should know, in lines of at most 100 characters. */
  description: string;
  /** Words after the flags, as help shows them: `<files…>`. */
  positionals?: string;
  flags: Readonly<Record<string, FlagSpec>>;
  /** The options that change what it does. All others are accepted too. */
  options: readonly OptionName[];
  examples: readonly string[];
  run(context: CommandContext): Promise<void>;
}

export interface ServiceLogging extends Pick<LoggerOptions, "usualLevel"> {
  /** Called before each line, for those who keep something on the screen. */
  beforeLine?: () => void;
}

/** What a service needs to run. */
export interface ServiceContext extends Observation {
  settings: Settings;
  /** Aborted when the user or the system asks to stop. */
  signal: AbortSignal;
  clock: Clock;
  logger(service: string, options?: ServiceLogging): Logger;
  /** Shows how far a longer piece of work is, where somebody watches. */
  meter: OpenMeter;
}

export interface CommandContext extends ServiceContext {
  /** The command's own flags: text, or true for a switch. */
  flags: Readonly<Record<string, string | boolean | undefined>>;
  positionals: readonly string[];
  /** Writes a line to standard output. */
  print(line: string): void;
  /** Writes text to standard output as it is. */
  write(text: string): void;
}

const STOP_GRACE_MS = 10_000;

/**
 * Runs a command as a process does: reads flags and environment, stops on SIGINT and SIGTERM, says errors in a
 * line. Returns the exit code: 0 done, 1 failed, 2 called wrongly.
 */
export async function runCommand(command: Command, argv: readonly string[]): Promise<number> {
  const stop = stopSignal();
  const terminal = createTerminalMeters(process.stderr);
  let observation: ProcessObservation | undefined;
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.listeners("error").includes(onOutputError)) stream.on("error", onOutputError);
  }
  // A process that ends where it stands leaves no half line behind either.
  process.on("exit", terminal.close);
  try {
    const { own, shared, positionals } = readFlags(command, argv);
    if (own.help === true) {
      process.stdout.write(helpText(command));
      return 0;
    }
    const settings = readSettings({ flags: shared, env: process.env });
    const isShowing = settings.logLevel !== "silent" && isWatched(process.stderr, process.env);
    const write = (text: string) => terminal.around(() => process.stdout.write(text));
    const logger: ServiceContext["logger"] = (service, { beforeLine = () => undefined, ...options } = {}) =>
      createLogger(settings, service, {
        ...options,
        isQuiet: () => terminal.isBusy,
        write: (line) =>
          terminal.around(() => {
            beforeLine();
            process.stderr.write(line);
          }),
      });
    observation = await createObservation(settings, { clock: systemClock, logger });
    await command.run({
      settings,
      flags: own,
      positionals,
      signal: stop.signal,
      clock: systemClock,
      logger,
      meter: isShowing ? terminal.open : NO_METER,
      ...observation,
      print: (line) => write(`${line}\n`),
      write,
    });
    return 0;
  } catch (error) {
    terminal.close();
    process.stderr.write(`${styleText("red", "error:", { stream: process.stderr })} ${messageOf(error)}\n`);
    if (error instanceof IngotError) return error.exitCode;
    process.stderr.write(`${error instanceof Error ? error.stack : ""}\n`);
    return 1;
  } finally {
    terminal.close();
    await observation?.close();
    process.off("exit", terminal.close);
    stop.dispose();
  }
}

/** A reader that has enough (`| head`) ends what is shown, and not the work; it may be told of that after the work's end. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

function readFlags(command: Command, argv: readonly string[]) {
  const optionFlags = Object.values(OPTIONS).flatMap((spec: OptionSpec) => spec.flag ?? []);
  const options: Record<string, { type: "string" | "boolean" }> = { help: { type: "boolean" } };
  for (const flag of optionFlags) options[flag] = { type: "string" };
  for (const [flag, spec] of Object.entries(command.flags)) {
    options[flag] = { type: spec.value === undefined ? "boolean" : "string" };
  }
  try {
    const allowPositionals = command.positionals !== undefined;
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals, strict: true });
    const entries = Object.entries(values);
    const isShared = ([flag]: [string, unknown]) => optionFlags.includes(flag) && !(flag in command.flags);
    return {
      own: Object.fromEntries(entries.filter((entry) => !isShared(entry))) as CommandContext["flags"],
      shared: Object.fromEntries(entries.filter(isShared)) as Record<string, string>,
      positionals,
    };
  } catch (error) {
    throw new IngotError(
      "usage",
      `${messageOf(error)}. \`ingot ${command.name} --help\` shows what it takes.`,
    );
  }
}

/** The first SIGINT or SIGTERM asks to stop; the second, or a stop that takes too long, ends the process. */
function stopSignal(): { signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  let lastResort: NodeJS.Timeout | undefined;
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    lastResort = setTimeout(() => process.exit(1), STOP_GRACE_MS).unref();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      clearTimeout(lastResort);
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}

function helpText(command: Command): string {
  const flags = Object.entries(command.flags).map(([flag, { value, help }]) => ({
    left: value === undefined ? `--${flag}` : `--${flag} ${value}`,
    right: help,
  }));
  const options = command.options.map((name) => {
    const spec: OptionSpec = OPTIONS[name];
    const left = spec.flag === undefined ? spec.variable : `--${spec.flag}, ${spec.variable}`;
    return {
      left,
      right: spec.default === undefined ? spec.help : `${spec.help} (default: ${spec.default})`,
    };
  });
  const usage = ["ingot", command.name, ...(command.positionals ? [command.positionals] : []), "[options]"];
  const examples = command.examples.map((example) => `  ${example}`);
  const sections = [
    `${command.summary}\n\nUsage: ${usage.join(" ")}\n\n${command.description}`,
    ...(flags.length > 0 ? [`Flags:\n${columns(flags)}`] : []),
    `Options (a flag, or a variable in the environment; the flag wins):\n${columns(options)}`,
    "Other layer names, S3 stores and the rest of the options in README.md are understood as well.",
    `Examples:\n${examples.join("\n")}`,
    "Exit codes: 0 done, 1 failed, 2 called wrongly.",
  ];
  return `${sections.join("\n\n")}\n`;
}

/** Two columns; a left side that is too wide gets a line of its own. */
export function columns(rows: readonly { left: string; right: string }[]): string {
  const width = Math.min(34, Math.max(...rows.map(({ left }) => left.length)) + 2);
  return rows
    .map(({ left, right }) =>
      left.length > width - 2
        ? `  ${left}\n  ${" ".repeat(width)}${right}`
        : `  ${left.padEnd(width)}${right}`,
    )
    .join("\n");
}
