import { existsSync } from "node:fs";
import { withAggregator } from "@ingot/aggregator";
import { type Command, type CommandContext, IngotError, type Lake, type PassFailure } from "@ingot/common";
import type { CheckResult } from "@ingot/engine/checks";
import { isStopping } from "@ingot/pipelines";
import { warehouseFile } from "@ingot/warehouse";
import { describeChecks } from "../check/describe-checks.ts";
import { recordBalance } from "../check/record-balance.ts";

export const checkCommand: Command = {
  name: "check",
  summary: "Run all checks now: of silver, of gold, and that no record is lost between the layers.",
  description: `Runs the checks that are declared beside silver's datasets and gold's KPIs, computes gold's sales anew from
silver's files, and counts all records of bronze again: each has to be in silver, in quarantine, or a
duplicate. Nothing is changed; services may be running.

It reads every file of bronze: --quick leaves that out.`,
  flags: {
    quick: { help: "do not count the records of bronze again" },
    json: { help: "print the results as JSON" },
  },
  options: ["lakeUrl", "warehouseUrl", "kpiDir", "quarantineRetentionDays"],
  examples: ["ingot check", "ingot check --quick --kpi-dir ./kpis"],
  run: check,
};

async function check(context: CommandContext): Promise<void> {
  const { settings, flags, print } = context;
  if (!existsSync(warehouseFile(settings))) throw withoutWarehouse(warehouseFile(settings));
  const { results, failures } = await withAggregator(context, async (aggregator, lake) => {
    const { checks, failures } = await aggregator.check(context.signal);
    const records = flags.quick === true ? [] : await countRecords(lake, context);
    return { results: [...checks, ...records], failures };
  });
  print(flags.json === true ? JSON.stringify(results, undefined, 2) : describeChecks(results));
  throwUnlessRight(results, failures);
}

function countRecords(lake: Lake, { settings, clock, meter }: CommandContext): Promise<CheckResult[]> {
  return recordBalance(lake, {
    clock,
    quarantineExpires: settings.quarantineRetentionDays !== undefined,
    meter: (total) => meter({ title: "counting records", unit: "objects", total }),
  });
}

/** @throws IngotError for what failed */
function throwUnlessRight(results: readonly CheckResult[], failures: readonly PassFailure[]): void {
  const [failure] = failures;
  if (failure) throw failure.error;
  const failed = results.filter(isStopping);
  if (failed.length === 0) return;
  const names = failed.map(({ model, check: name }) => `${name} of ${model}`).join(", ");
  throw new IngotError("check_failed", `${failed.length} of ${results.length} checks failed: ${names}.`);
}

function withoutWarehouse(file: string): IngotError {
  const text = `There is no warehouse at ${file} yet. Fill one (\`ingot aggregate --once\`), or name it with --warehouse.`;
  return new IngotError("object_missing", text);
}
