import { type Command, columns, productVersion, runCommand } from "@ingot/common";

/** Every command in the order of help; each is loaded when it is called, so that `ingot` starts at once. */
const COMMANDS: Readonly<Record<string, { summary: string; load(): Promise<Command> }>> = {
  up: {
    summary: "run everything in one process: generator, cleaner, aggregator, scheduler, dashboard",
    load: async () => (await import("./commands/up.ts")).upCommand,
  },
  generate: {
    summary: "write the raw files of a simulated shop, or of a chain of stores, into bronze",
    load: async () => (await import("@ingot/generator")).generateCommand,
  },
  import: {
    summary: "put your own files into bronze",
    load: async () => (await import("./commands/import.ts")).importCommand,
  },
  clean: {
    summary: "bronze -> silver: correct, anonymise, reject",
    load: async () => (await import("@ingot/cleaner")).cleanCommand,
  },
  aggregate: {
    summary: "silver -> gold: keep the KPIs up to date",
    load: async () => (await import("@ingot/aggregator")).aggregateCommand,
  },
  run: {
    summary: "run a pipeline now, or list the pipelines",
    load: async () => (await import("@ingot/scheduler")).runPipelineCommand,
  },
  runs: {
    summary: "what was run, when, and what came of it",
    load: async () => (await import("@ingot/scheduler")).runsCommand,
  },
  schedule: {
    summary: "run the pipelines when they are due, or when their files arrive",
    load: async () => (await import("@ingot/scheduler")).scheduleCommand,
  },
  dashboard: {
    summary: "serve the page with the figures and the pipeline, and the API for BI tools",
    load: async () => (await import("@ingot/dashboard")).dashboardCommand,
  },
  status: {
    summary: "what lies in each layer, what waits, what was rejected and why",
    load: async () => (await import("./commands/status.ts")).statusCommand,
  },
  quarantine: {
    summary: "what was rejected, why and where; clean it again",
    load: async () => (await import("./commands/quarantine.ts")).quarantineCommand,
  },
  check: {
    summary: "run all checks, and prove that no record is lost between the layers",
    load: async () => (await import("./commands/check.ts")).checkCommand,
  },
  forget: {
    summary: "take a person out of all layers, and keep the figures",
    load: async () => (await import("./commands/forget.ts")).forgetCommand,
  },
  query: {
    summary: "ask silver and gold anything, in SQL",
    load: async () => (await import("./commands/query.ts")).queryCommand,
  },
  lineage: {
    summary: "where a figure or an order comes from, back to the raw record",
    load: async () => (await import("./commands/lineage.ts")).lineageCommand,
  },
  compact: {
    summary: "write each finished day of silver as one Parquet file",
    load: async () => (await import("./commands/compact.ts")).compactCommand,
  },
  init: {
    summary: "make the lake's buckets or folders, set versioning and lifecycle rules",
    load: async () => (await import("./commands/init.ts")).initCommand,
  },
  doctor: {
    summary: "check a deployment, and say how to mend what is found",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand,
  },
  credentials: {
    summary: "make up credentials and policies for the users of an S3 store",
    load: async () => (await import("./commands/credentials.ts")).credentialsCommand,
  },
  rebuild: {
    summary: "gold and the warehouse anew from silver, or everything from bronze",
    load: async () => (await import("./commands/rebuild.ts")).rebuildCommand,
  },
};

function overview(): string {
  const commands = Object.entries(COMMANDS).map(([left, { summary }]) => ({ left, right: summary }));
  return `Ingot turns a shop's messy files into figures that people trust.

  bronze (raw files) -> silver (clean, anonymous) -> gold (KPIs for BI tools)

Usage: ingot <command> [options]

Commands:
${columns(commands)}

\`ingot <command> --help\` explains each. Try \`ingot up\`, then look into ./lake/gold/latest.
`;
}

async function main([name, ...rest]: readonly string[]): Promise<number> {
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${productVersion()}\n`);
    return 0;
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(overview());
    return name === undefined ? 2 : 0;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!entry) {
    process.stderr.write(`error: there is no command "${name}". \`ingot --help\` lists them.\n`);
    return 2;
  }
  return runCommand(await entry.load(), rest);
}

process.exitCode = await main(process.argv.slice(2));
