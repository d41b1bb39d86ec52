import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { OutboxLimits } from "../outbox.ts";
import { createLineageJob, type LineageJob } from "./lineage.ts";
import { createLineageSender } from "./sender.ts";

/** The jobs of a process, whose events go one way. */
export interface Lineage {
  job(name: string): LineageJob;
  /** Sends the events that wait, for some seconds at the most. */
  close(): Promise<void>;
}

export interface LineageOptions {
  /** OPENLINEAGE_URL. */
  url: string;
  apiKey: string | undefined;
  /** Of the jobs. */
  namespace: string;
  clock: Clock;
  logger: Logger;
  limits?: Partial<OutboxLimits> | undefined;
}

export function openLineage({ namespace, ...options }: LineageOptions): Lineage {
  const outbox = createLineageSender(options);
  const { clock } = options;
  return {
    job: (name) => createLineageJob({ namespace, name: `ingot.${name}` }, { outbox, clock }),
    close: outbox.close,
  };
}
