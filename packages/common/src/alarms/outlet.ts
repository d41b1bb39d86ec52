import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { Settings } from "../options.ts";
import type { AlarmMemory, AlarmSink } from "./alarms.ts";
import { createDelivery } from "./delivery.ts";
import { fileMemory, stateFolder } from "./memory.ts";
import { alarmSenders, alarmTargets } from "./targets.ts";

/** Where the alarms of a process go, beside its log. */
export interface AlarmOutlet {
  sinks: readonly AlarmSink[];
  /** What was sent of a service's alarms before. */
  memory(service: string, logger: Logger): AlarmMemory;
}

/** @throws IngotError `invalid_option` where half of what an e-mail needs is missing */
export function createOutlet(settings: Settings, options: { clock: Clock; logger: Logger }): AlarmOutlet {
  const { alarmStateDir: folder = stateFolder(), lakeUrl } = settings;
  return {
    sinks: alarmSenders(alarmTargets(settings)).map((sender) => createDelivery(sender, options)),
    memory: (service, logger) => fileMemory(folder, { service, lakeUrl: lakeUrl.href, logger }),
  };
}
