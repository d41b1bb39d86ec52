import { type Command, IngotError, lakeLocation, openLake } from "@ingot/common";

export const forgetCommand: Command = {
  name: "forget",
  summary: "Take a person out of all layers, and keep the figures.",
  description: `Makes the records of a customer anonymous: in bronze, quarantine and silver, in Parquet files, in the warehouse
that lies here, and in older versions that a store keeps. A made-up id takes the customer's place, so that
the figures stay. An e-mail address stands for every customer who ever had it.

Stop what delivers files that name the person first. Give it the options that your services have. It may be
called while services run, and killed: run again, it goes on. What was done is recorded in gold/_forgotten,
without anything that leads to the person. Deleting older versions takes an administrator's keys. The files of
other pipelines, in the folders of their names, are not searched.`,
  positionals: "<customer id | e-mail address>",
  flags: { "dry-run": { help: "tell what would be changed, and change nothing" } },
  options: ["lakeUrl", "warehouseUrl", "businessTimezone", "emailHashKey", "cleanerConcurrency"],
  examples: ["ingot forget ada@example.com --dry-run", "ingot forget C-1001"],
  run: async (context) => {
    const [given, ...more] = context.positionals;
    if (given === undefined || more.length > 0) {
      throw new IngotError("usage", "Name one customer: ingot forget <customer id | e-mail address>");
    }
    const [{ forget }, { subjectOf }] = await Promise.all([
      import("../forget/forget.ts"),
      import("../forget/find-person.ts"),
    ]);
    const lake = await openLake(lakeLocation(context.settings));
    try {
      await forget(lake, subjectOf(given), context.flags["dry-run"] === true, context);
    } catch (error) {
      if (!context.signal.aborted) throw error;
      throw new IngotError("incomplete", "Stopped before all was done. Run it again: it goes on.");
    } finally {
      await lake.close();
    }
  },
};
