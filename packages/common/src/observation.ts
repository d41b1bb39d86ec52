import { AlarmFigures } from "./alarms/alarm-figures.ts";
import { type Alarms, createAlarms } from "./alarms/alarms.ts";
import type { AlarmOutlet } from "./alarms/outlet.ts";
import type { Clock } from "./clock.ts";
import { createHealth, type Heartbeat, serveHealth } from "./health.ts";
import type { Logger } from "./logger.ts";
import { type Metrics, NO_METRICS } from "./metrics/metrics.ts";
import type { MetricsRegistry } from "./metrics/prometheus.ts";
import { type LineageJob, NO_LINEAGE } from "./openlineage/lineage.ts";
import type { Lineage } from "./openlineage/open-lineage.ts";
import type { Settings } from "./options.ts";

/** How the services of a process let themselves be watched. */
export interface Observation {
  /**
   * A heartbeat for a service that keeps running; the first one opens HEALTH_PORT, where that is set.
   *
   * @throws IngotError `invalid_option` where the address cannot be used
   */
  heartbeat(service: string): Promise<Heartbeat>;
  /** The figures of a service, told on HEALTH_PORT; NO_METRICS where that is not set. Throws as `heartbeat` does. */
  metrics(service: string): Promise<Metrics>;
  /**
   * The alarms of a service: logged, and sent to where the options say.
   *
   * @throws IngotError `invalid_option` where half of what an e-mail needs is missing
   */
  alarms(service: string, logger: Logger): Alarms;
  /** A job whose runs are told as OpenLineage events; NO_LINEAGE where OPENLINEAGE_URL is not set. */
  lineage(job: string): Promise<LineageJob>;
}

/** Longer than the longest step that reads and writes nothing: the KPIs over a long history. */
const STALLED_MS = 60_000;
/** Polls that may be missed. */
const STALLED_POLLS = 3;

export interface ProcessObservation extends Observation {
  /** Sends the alarms and events that wait, for some seconds at the most. */
  close(): Promise<void>;
}

/** @param logger of what cannot be sent */
export async function createObservation(
  settings: Settings,
  { clock, logger }: { clock: Clock; logger: (name: string) => Logger },
): Promise<ProcessObservation> {
  const { pollInterval, healthPort: port, healthHost: host } = settings;
  const health = createHealth(clock, Math.max(STALLED_MS, STALLED_POLLS * pollInterval));
  const figures = new Map<string, AlarmFigures>();
  const { alarmWebhookUrl, alarmEmailTo, smtpUrl, alarmQuietPeriod: quietMs } = settings;
  const isSending = [alarmWebhookUrl, alarmEmailTo, smtpUrl].some((option) => option !== undefined);
  // Loaded here only: who sends nothing starts sooner without it.
  const outlets = isSending ? await import("./alarms/outlet.ts") : undefined;
  let outlet: AlarmOutlet | undefined;
  let opened: Promise<MetricsRegistry | undefined> | undefined;
  let lineage: Promise<Lineage> | undefined;

  const open = async (): Promise<MetricsRegistry | undefined> => {
    if (port === undefined) return undefined;
    // Loaded here only: few processes serve figures, and it costs all others a part of their start.
    const { createRegistry } = await import("./metrics/prometheus.ts");
    const registry = createRegistry();
    await serveHealth(health, { port, host }, registry);
    return registry;
  };

  const figuresOf = (service: string): AlarmFigures => {
    const known = figures.get(service) ?? new AlarmFigures();
    figures.set(service, known);
    return known;
  };

  const metricsOf = (service: string, registry: MetricsRegistry): Metrics => {
    const metrics = registry.of(service);
    const standing = () => health.services()[service];
    metrics.gauge("ingot_healthy", {}, () => {
      const ok = standing()?.ok;
      return ok === undefined ? undefined : Number(ok);
    });
    metrics.gauge("ingot_last_progress_timestamp_seconds", {}, () => {
      const at = standing()?.last_progress;
      return at === undefined ? undefined : Date.parse(at) / 1000;
    });
    figuresOf(service).tellTo(metrics);
    return metrics;
  };

  return {
    heartbeat: async (service) => {
      opened ??= open();
      await opened;
      return health.heartbeat(service);
    },
    metrics: async (service) => {
      opened ??= open();
      const registry = await opened;
      return registry ? metricsOf(service, registry) : NO_METRICS;
    },
    alarms: (service, log) => {
      outlet ??= outlets?.createOutlet(settings, { clock, logger: logger("alarms") });
      const { sinks, memory } = outlet ?? { sinks: [], memory: () => undefined };
      const options = { logger: log, clock, quietMs, sinks, memory: memory(service, log) };
      return figuresOf(service).watch(createAlarms(service, options));
    },
    lineage: async (job) => {
      const { openlineageUrl: url, openlineageApiKey: apiKey, openlineageNamespace: namespace } = settings;
      if (url === undefined) return NO_LINEAGE;
      lineage ??= import("./openlineage/open-lineage.ts").then(({ openLineage }) =>
        openLineage({ url, apiKey, namespace, clock, logger: logger("lineage") }),
      );
      return (await lineage).job(job);
    },
    close: async () => {
      const told = lineage?.then(({ close }) => close());
      await Promise.all([told, ...(outlet?.sinks ?? []).map((sink) => sink.close())]);
    },
  };
}
