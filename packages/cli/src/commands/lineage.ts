import {
  type Command,
  type CommandContext,
  IngotError,
  type Lake,
  lakeLocation,
  openLake,
} from "@ingot/common";

const SHOWN = 10;

export const lineageCommand: Command = {
  name: "lineage",
  summary: "Show where a figure or an order comes from, back to the raw record.",
  description: `A KPI or one of its versions: when it was written, from which SQL, and the silver objects that it came from,
each with its bronze object.

A file in bronze or silver: what became of its records, when and by which version of Ingot, and whether gold
has them.

An order: which of its versions counts and why the others do not, the silver rows, what was rejected, and
the raw records, as they stand in bronze. It reads the columns of all orders once.

It changes nothing and may be called at any time. What was not written down, or is gone, it says.`,
  positionals: "<KPI | key | order id>",
  flags: {
    all: { help: "a KPI: all of its silver objects, not only the newest" },
    order: { help: "the name is an order id, whatever else has it" },
    json: { help: "print everything as JSON" },
  },
  options: ["lakeUrl", "warehouseUrl", "kpiDir", "businessTimezone"],
  examples: [
    "ingot lineage sales_by_day",
    "ingot lineage sales_by_day/sales_by_day_20260301T120000.csv --all",
    "ingot lineage orders/dt=2026-03-01/orders_20260301T120000.json",
    "ingot lineage O-1042",
  ],
  run: async (context) => {
    const [name, ...others] = context.positionals;
    if (name === undefined || name.trim() === "" || others.length > 0) {
      throw new IngotError("usage", "Name one KPI, key or order id: ingot lineage sales_by_day");
    }
    const lake = await openLake(lakeLocation(context.settings));
    try {
      await show(lake, name.trim(), context);
    } finally {
      await lake.close();
    }
  },
};

/** Each part is loaded when it is needed. */
async function show(lake: Lake, name: string, context: CommandContext): Promise<void> {
  const { flags, settings, print } = context;
  const { goldJson, jsonText, objectJson, orderJson } = await import("../lineage/lineage-json.ts");
  const json = flags.json === true;
  const isOrder = flags.order === true;
  const { goldLineage, goldTarget } = await import("../lineage/gold-lineage.ts");
  const kpi = isOrder ? undefined : await goldTarget(lake, name);
  if (kpi) {
    const limit = flags.all === true ? undefined : SHOWN;
    const lineage = await goldLineage(lake, kpi, settings, limit);
    const { goldText } = await import("../lineage/gold-text.ts");
    print(json ? jsonText(goldJson(lineage)) : goldText(lineage));
    return;
  }
  if (flags.all === true)
    throw new IngotError("usage", "--all is for KPIs; of all else everything is shown.");
  const { objectLineage, objectTarget } = await import("../lineage/object-lineage.ts");
  const file = isOrder ? undefined : objectTarget(name);
  if (file) {
    const lineage = await objectLineage(lake, file, context);
    const { objectText } = await import("../lineage/object-text.ts");
    print(json ? jsonText(objectJson(lineage)) : objectText(lineage));
    return;
  }
  const { batchPipelineOf } = await import("@ingot/pipelines");
  const pipeline = batchPipelineOf(name);
  if (pipeline !== undefined && !isOrder)
    throw new IngotError(
      "usage",
      `${name} is ${pipeline}'s: \`ingot runs ${pipeline}\` shows what was read and made.`,
    );
  const { orderLineage } = await import("../lineage/order-lineage.ts");
  const lineage = await orderLineage(lake, name, context);
  const { orderText } = await import("../lineage/order-text.ts");
  print(json ? jsonText(orderJson(lineage)) : orderText(lineage));
}
