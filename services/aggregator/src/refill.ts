import { type CommandContext, type Lake, meterObjects } from "@ingot/common";
import { openWarehouse } from "@ingot/warehouse";
import { createSilverFinder } from "./silver-finder.ts";
import { takingIn } from "./silver-intake.ts";

/**
 * Fills the warehouse of these options anew from all of silver, and leaves gold to the aggregators, who know their KPIs.
 * They may run meanwhile.
 *
 * @throws IngotError of the storage and the warehouse
 */
export async function refillWarehouse(
  lake: Lake,
  {
    settings,
    clock,
    logger,
    meter,
    signal,
  }: Pick<CommandContext, "settings" | "clock" | "logger" | "meter" | "signal">,
): Promise<void> {
  const log = logger("aggregator", { usualLevel: "warn" });
  const warehouse = openWarehouse(settings, (message) => log.warn(message));
  try {
    const listed = await createSilverFinder({ lake, warehouse, clock, logger: log }).all();
    const openMeter = meterObjects(meter, { title: "taking in" });
    await takingIn(lake.silver, listed, openMeter, (toObject) =>
      warehouse.rebuild(listed.map(toObject), { signal }),
    );
  } finally {
    await warehouse.close();
  }
}
