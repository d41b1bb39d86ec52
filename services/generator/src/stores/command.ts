import {
  type CommandContext,
  IngotError,
  lakeLocation,
  OPTIONS,
  openLake,
  type Settings,
} from "@ingot/common";
import { FAULTS } from "../faults.ts";
import { countFlag, type Flags, textFlag } from "../flags.ts";
import { type ChainOptions, createChain, USUAL_CHAIN } from "./chain.ts";
import { dayOf, dayRange } from "./days.ts";
import { RETAIL_FAULT_NAMES, RETAIL_FAULTS, type RetailFaultRates, retailFaultRates } from "./faults.ts";
import { type RetailReport, writeRetailDays } from "./write-days.ts";

const MOST = { stores: 10_000, clients: 10_000_000, products: 100_000 } as const;

/** `ingot generate retail-stores` */
export async function generateRetailStores(context: CommandContext): Promise<void> {
  const { settings, flags, signal, clock, meter, print } = context;
  const given = { from: textFlag(flags, "from"), to: textFlag(flags, "to") };
  const range = dayRange(given, dayOf(clock.now().getTime()));
  const options = chainOptions(settings, flags);
  const lake = await openLake(lakeLocation(settings));
  try {
    const chain = createChain(options);
    const logger = context.logger("generator", { usualLevel: "warn" });
    const report = await writeRetailDays({ bronze: lake.bronze, chain, range, logger, signal, meter });
    if (flags.json === true) print(JSON.stringify({ lake: lake.url, ...range, ...report }));
    else print(summary(report, lake.bronze.url));
  } finally {
    await lake.close();
  }
}

function chainOptions(settings: Settings, flags: Flags): ChainOptions {
  const count = (name: keyof typeof USUAL_CHAIN): number =>
    countFlag(flags, name, MOST[name]) ?? USUAL_CHAIN[name];
  return {
    seed: settings.generatorSeed,
    stores: count("stores"),
    clients: count("clients"),
    products: count("products"),
    faults: faultsOf(settings.generatorFaults),
  };
}

/** Names of the simulated shop's faults are passed over: the variable may stand in an environment that both share. */
function faultsOf(given: Readonly<Record<string, number>> | undefined): RetailFaultRates {
  const { "*": all, ...named } = given ?? {};
  const unknown = Object.keys(named).find((name) => !(name in RETAIL_FAULTS || name in FAULTS));
  if (unknown !== undefined) {
    const { variable } = OPTIONS.generatorFaults;
    const message = `${variable} has the name "${unknown}". Allowed: ${RETAIL_FAULT_NAMES.join(", ")}.`;
    throw new IngotError("invalid_option", message, { context: { variable } });
  }
  const rates = RETAIL_FAULT_NAMES.map((name) => [name, named[name] ?? all ?? RETAIL_FAULTS[name].rate]);
  return retailFaultRates(Object.fromEntries(rates));
}

function summary(report: RetailReport, url: string): string {
  const { days, hours, sale_lines, failed_hours } = report;
  const amount = (count: number, unit: string): string =>
    `${count.toLocaleString("en-US")} ${unit}${count === 1 ? "" : "s"}`;
  const failed = failed_hours === 0 ? "" : `; ${amount(failed_hours, "hour")} failed and were left empty`;
  const written = [amount(days, "day"), amount(hours, "store-hour"), amount(sale_lines, "sale line")];
  return `${written.join(", ")} written to ${url}${failed}`;
}
