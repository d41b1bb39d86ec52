import {
  type Alarms,
  type Heartbeat,
  lakeLocation,
  messageOf,
  NO_HEARTBEAT,
  NO_METRICS,
  observedLake,
  openLake,
  poll,
  type ServiceContext,
} from "@ingot/common";
import type { Pipeline } from "@ingot/engine/batch";
import type { Batches } from "./batches.ts";
import { alarmId } from "./messages.ts";
import { Job, type JobOptions } from "./schedule/job.ts";
import { activeSchedule, chosenPipelines, scheduleText } from "./schedule/schedule.ts";
import { createTurns } from "./schedule/turns.ts";

/** Each takes memory of its own. */
const RUNS_AT_ONCE = 2;

/** Runs pipelines when they are due until it is stopped, or with `once` what is due now. */
export async function runScheduler(
  context: ServiceContext,
  { once, batches, onEnd }: { once: boolean; batches: Batches } & Pick<JobOptions, "onEnd">,
): Promise<void> {
  const { settings, signal, clock } = context;
  const logger = context.logger("scheduler");
  const names = chosenPipelines(await batches.names(), settings);
  const heartbeat = once ? NO_HEARTBEAT : await context.heartbeat("scheduler");
  const metrics = once ? NO_METRICS : await context.metrics("scheduler");
  const alarms = context.alarms("scheduler", logger);
  const pipelines = await loaded(names, batches, alarms);
  const scheduled = pipelines.map((pipeline) => ({ pipeline, schedule: activeSchedule(pipeline, settings) }));
  const turn = createTurns(RUNS_AT_ONCE);
  const opened = await openLake(lakeLocation(settings), metrics);
  const lake = observedLake(opened, heartbeat, metrics);
  const { pollInterval: intervalMs, goldHistory, currency, runNotifications } = settings;
  const heartbeats = sharedHeartbeat(heartbeat);
  const loops = scheduled.flatMap(({ pipeline, schedule }) => {
    logger.info(`${pipeline.name}: ${scheduleText(schedule)}`);
    if (!schedule.cron && !schedule.onArrival) return [];
    const tellsAll = runNotifications === "all";
    const onChange = heartbeat.moved;
    const shared = { batches, lake, clock, logger, metrics, alarms, tellsAll, intervalMs, once, turn };
    const job = new Job({ ...shared, pipeline, schedule, goldHistory, currency, onChange, onEnd });
    const pass = (passSignal: AbortSignal) => job.pass(passSignal);
    const own = heartbeats();
    return [poll({ pass, once, intervalMs, signal, clock, logger, heartbeat: own, metrics })];
  });
  try {
    // Without any it has nothing to do, but to end would have it started again and again.
    if (loops.length === 0 && !once) await idle(context, heartbeat.done);
    // One that fails stops no other.
    const ends = await Promise.allSettled(loops);
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  } finally {
    await opened.close();
  }
}

/** The pipelines that can be loaded: one that somebody has just broken must not stop the others. */
async function loaded(names: readonly string[], batches: Batches, alarms: Alarms): Promise<Pipeline[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      try {
        return [await batches.load(name)];
      } catch (error) {
        const title = `The pipeline ${name} cannot be loaded, and is not run: ${messageOf(error)}`;
        const details = "Mend its pipeline.ts, then restart the scheduler.";
        alarms.raise({ id: alarmId(name), severity: "error", title, details });
        return [];
      }
    }),
  );
  return found.flat();
}

/** Heartbeats of several loops: a pass that ends is progress for as long as none of the others fails. */
function sharedHeartbeat(heartbeat: Heartbeat): () => Heartbeat {
  const failing = new Set<Heartbeat>();
  return () => {
    const own: Heartbeat = {
      done: () => {
        failing.delete(own);
        if (failing.size === 0) heartbeat.done();
      },
      moved: heartbeat.moved,
      failed: (error) => {
        failing.add(own);
        heartbeat.failed(error);
      },
    };
    return own;
  };
}

async function idle({ settings, signal, clock }: ServiceContext, done: () => void): Promise<void> {
  while (!signal.aborted) {
    done();
    await clock.sleep(settings.pollInterval, signal);
  }
}
