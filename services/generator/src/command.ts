import {
  type Command,
  type CommandContext,
  IngotError,
  lakeLocation,
  OPTIONS,
  observedLake,
  openLake,
  type PollingOptions,
  poll,
  type ServiceContext,
  type Settings,
} from "@ingot/common";
import { FAULT_NAMES, FAULTS, type FaultRates, faultRates } from "./faults.ts";
import { countFlag, refuse } from "./flags.ts";
import {
  BATCH_START,
  createLiveGenerator,
  type GeneratorOptions,
  type GeneratorReport,
  generateBatch,
} from "./generator.ts";
import { RETAIL_FAULTS } from "./stores/faults.ts";
import type { RowCounts } from "./world.ts";

const RETAIL_STORES = "retail-stores";
const SHOP_FLAGS = ["ticks", "start"];
const RETAIL_FLAGS = ["from", "to", "stores", "clients", "products"];

const faultHelp = (faults: Readonly<Record<string, { rate: number; help: string }>>): string =>
  Object.entries(faults)
    .map(([name, { rate, help }]) => `  ${name.padEnd(25)}${String(rate).padEnd(7)}${help}`)
    .join("\n");

/** `ingot generate`, and the generator as a service of its own. */
export const generateCommand: Command = {
  name: "generate",
  summary: "Write simulated raw files into bronze, with all the faults that real files have.",
  description: `Without a name: a shop on the internet, in ticks of three files: customers (CSV), orders (JSON), clicks
(JSON Lines). With --ticks that many on a simulated clock, an hour apart, then it exits: same seed, same
bytes, and run again it writes nothing new. Without --ticks it fills the past days and then writes one
tick at every poll interval until it is stopped.

${RETAIL_STORES}: a chain of stores, its clients, products and stores, and of each day from --from to --to
the visits of every hour and all lines of sales (JSON); then it exits. Same seed, same bytes for a day in
whatever range it is asked for; a day that is there is written over.

Faults, with the share of records that have them (change them with --faults name=share,…):
${faultHelp(FAULTS)}
Of ${RETAIL_STORES}:
${faultHelp(RETAIL_FAULTS)}`,
  positionals: `[${RETAIL_STORES}]`,
  flags: {
    ticks: { value: "N", help: "write N ticks, then exit" },
    start: {
      value: "INSTANT",
      help: `with --ticks: when the simulated clock starts (default: ${isoSecond(BATCH_START)})`,
    },
    from: { value: "DATE", help: `with ${RETAIL_STORES}: the first day (default: the last one)` },
    to: { value: "DATE", help: `with ${RETAIL_STORES}: the last day (default: today, in UTC)` },
    stores: { value: "N", help: `with ${RETAIL_STORES}: how many stores (default: 10)` },
    clients: { value: "N", help: `with ${RETAIL_STORES}: how many clients (default: 20000)` },
    products: { value: "N", help: `with ${RETAIL_STORES}: how many products (default: 50)` },
    json: { help: `with --ticks or ${RETAIL_STORES}: print the result as JSON` },
  },
  options: [
    "lakeUrl",
    "generatorSeed",
    "generatorRows",
    "generatorFaults",
    "generatorHistory",
    "pollInterval",
    "logLevel",
    "logFormat",
  ],
  examples: [
    "ingot generate --ticks 24 --seed 7",
    "ingot generate --ticks 1 --rows orders=1000000,customers=50000,clicks=0",
    "ingot generate --faults 0",
    "ingot generate retail-stores --from 2026-01-01 --to 2026-12-31",
  ],
  run: async (context) => {
    const { flags, positionals } = context;
    if (positionals.length > 0) {
      checkName(positionals);
      refuse(flags, SHOP_FLAGS, "the shop, not for the stores");
      // Loaded here only: `ingot up` begins with the shop.
      const { generateRetailStores } = await import("./stores/command.ts");
      return await generateRetailStores(context);
    }
    refuse(flags, RETAIL_FLAGS, `\`ingot generate ${RETAIL_STORES}\``);
    const ticks = countFlag(flags, "ticks");
    if (ticks === undefined) await runGenerator(context, {});
    else await runBatch(context, ticks);
  },
};

function checkName(positionals: readonly string[]): void {
  if (positionals.length === 1 && positionals[0] === RETAIL_STORES) return;
  const given = positionals.join(" ");
  const message = `there is nothing to generate of the name "${given}". Allowed: ${RETAIL_STORES}, or no name for the shop.`;
  throw new IngotError("usage", message);
}

/** Runs the simulated shop until it is stopped. */
export async function runGenerator(
  context: ServiceContext,
  hooks: Pick<PollingOptions<GeneratorReport>, "onPass">,
): Promise<void> {
  const { settings, signal, clock } = context;
  const log = context.logger("generator");
  const heartbeat = await context.heartbeat("generator");
  const metrics = await context.metrics("generator");
  const options = generatorOptions(settings);
  const lake = await openLake(lakeLocation(settings), metrics);
  try {
    const { bronze } = observedLake(lake, heartbeat, metrics);
    const { pass } = createLiveGenerator({ bronze, clock, options });
    await poll({
      pass,
      onPass: (report) => {
        log.info({ objects: report.written, rows: report.rows }, "generated");
        for (const [dataset, records] of Object.entries(report.rows)) {
          metrics.add("ingot_generated_records_total", { dataset }, records);
        }
        hooks.onPass?.(report);
      },
      once: false,
      intervalMs: settings.pollInterval,
      signal,
      clock,
      logger: log,
      heartbeat,
      metrics,
    });
  } finally {
    await lake.close();
  }
}

async function runBatch({ settings, flags, signal, print }: CommandContext, ticks: number): Promise<void> {
  const start = typeof flags.start === "string" ? new Date(flags.start) : BATCH_START;
  if (Number.isNaN(start.getTime())) {
    throw new IngotError(
      "usage",
      `--start is "${flags.start}". Allowed: an instant such as ${isoSecond(BATCH_START)}.`,
    );
  }
  const lake = await openLake(lakeLocation(settings));
  try {
    const options = generatorOptions(settings);
    const report = await generateBatch({ bronze: lake.bronze, options, ticks, start, signal });
    if (flags.json === true) print(JSON.stringify({ lake: lake.url, ...report }));
    else {
      const { customers, orders, clicks } = report.rows;
      const there = report.existing > 0 ? `, ${report.existing} were there already` : "";
      print(`${report.written} files written to ${lake.bronze.url}${there}`);
      print(`${customers} customers, ${orders} orders, ${clicks} clicks`);
    }
  } finally {
    await lake.close();
  }
}

function generatorOptions(settings: Settings): GeneratorOptions {
  const { generatorSeed: seed, generatorHistory: historyDays } = settings;
  return {
    seed,
    rows: rowCounts(settings.generatorRows),
    faults: rates(settings.generatorFaults),
    historyDays,
  };
}

/** A lone number sets the orders; customers and clicks keep their proportion to them. */
function rowCounts(given: Readonly<Record<string, number>>): RowCounts {
  const unknown = Object.keys(given).find((name) => !["*", "customers", "orders", "clicks"].includes(name));
  if (unknown !== undefined || Object.values(given).some((rows) => !Number.isInteger(rows))) {
    const { variable, type } = OPTIONS.generatorRows;
    throw new IngotError(
      "invalid_option",
      `${variable} has ${unknown === undefined ? "a part of a row" : `the name "${unknown}"`}. Allowed: ${type.allowed}.`,
      { context: { variable } },
    );
  }
  const { "*": scale, customers = 50, orders = 200, clicks = 500 } = given;
  if (scale === undefined) return { customers, orders, clicks };
  return { customers: Math.ceil(scale / 4), orders: scale, clicks: Math.ceil(scale * 2.5) };
}

function rates(given: Readonly<Record<string, number>> | undefined): FaultRates {
  const { "*": all, ...named } = given ?? {};
  const unknown = Object.keys(named).find((name) => !(name in FAULTS));
  if (unknown !== undefined) {
    const { variable } = OPTIONS.generatorFaults;
    throw new IngotError(
      "invalid_option",
      `${variable} has the name "${unknown}". Allowed: ${FAULT_NAMES.join(", ")}.`,
      { context: { variable } },
    );
  }
  const everywhere = all === undefined ? {} : Object.fromEntries(FAULT_NAMES.map((name) => [name, all]));
  return faultRates({ ...everywhere, ...named });
}

function isoSecond(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`;
}
