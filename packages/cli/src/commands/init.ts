import {
  type Command,
  type CommandContext,
  IngotError,
  lakeLocation,
  type ProvisionStep,
  poll,
  provisionLake,
  retentionOf,
} from "@ingot/common";

export const initCommand: Command = {
  name: "init",
  summary: "Make the lake's buckets or folders, and set versioning and lifecycle rules.",
  description: `In a folder: the four layers' folders. On a store, with the key of somebody who may administer it:

  - the buckets that are missing
  - versioning of bronze, so that a file that somebody writes over stays as an older version
  - lifecycle rules that remove broken uploads, and delete what is older than BRONZE_RETENTION_DAYS and
    QUARANTINE_RETENTION_DAYS; without these options nothing is deleted, and rules set earlier are removed

What is there already stays; rules of others in the same bucket are kept. It may be called at any time,
and is to be called again after one of these options has changed.`,
  flags: { json: { help: "print the result as JSON" } },
  options: [
    "lakeUrl",
    "bucketPrefix",
    "bronzeRetentionDays",
    "quarantineRetentionDays",
    "goldRetentionDays",
    "s3Endpoint",
    "s3Region",
    "s3AccessKeyId",
    "s3SecretAccessKey",
  ],
  examples: [
    "ingot init",
    "BRONZE_RETENTION_DAYS=90 ingot init --lake s3:// --bucket-prefix acme- --s3-endpoint http://127.0.0.1:9000",
  ],
  run: init,
};

async function init({ settings, flags, signal, clock, logger, print }: CommandContext): Promise<void> {
  const location = lakeLocation(settings);
  let steps: ProvisionStep[] | undefined;
  const pass = async () => {
    steps = await provisionLake(location, retentionOf(settings));
    return { failures: [], moreInMs: undefined };
  };
  // The loop tries again what a store that is just starting refuses.
  await poll({ pass, once: true, intervalMs: settings.pollInterval, signal, clock, logger: logger("init") });
  if (!steps) throw new IngotError("incomplete", "Stopped before all was set up. Run it again.");
  const notes = retentionNotes(settings, location.s3 !== undefined);
  if (flags.json === true) print(JSON.stringify({ lake: location.url.href, steps, notes }, undefined, 2));
  else for (const line of [...steps.map(({ target, text }) => `${target}: ${text}`), ...notes]) print(line);
}

/** What is left to the services. */
function retentionNotes(settings: CommandContext["settings"], isStore: boolean): string[] {
  const { goldRetentionDays } = settings;
  const notes: string[] = [];
  if (!isStore && Object.keys(retentionOf(settings)).length > 0) {
    notes.push("Bronze and quarantine: the cleaner deletes what is too old, given the same options.");
  }
  if (goldRetentionDays !== undefined) {
    notes.push(
      `Gold: the aggregator deletes versions older than ${goldRetentionDays} days, given the same option. No rule of a store could spare the current one.`,
    );
  }
  return notes;
}
