import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { METRICS, type MetricName, type MetricSpec } from "./catalogue.ts";
import type { Metrics } from "./metrics.ts";

/** The figures of this process in Prometheus's text format. */
export interface MetricsRegistry {
  readonly contentType: string;
  /** The metrics of one service: each value carries its name as the label `service`. */
  of(service: string): Metrics;
  text(): Promise<string>;
}

/** Label values are codes and fixed names; whatever else comes in counts as `OTHER`. */
const CODE = /^[a-z][a-z0-9_-]{0,63}$/;
const OTHER = "other";
/** Sets of label values of one metric; a figure for each object or person would take memory without end. */
const MOST_SERIES = 200;
/** Milliseconds between two looks at the event loop: more often would wake an idle process. */
const EVENT_LOOP_MS = 100;

type Labels = Readonly<Record<string, string>>;

export function createRegistry(): MetricsRegistry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_MS });
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const readers = new Map<string, Map<string, { labels: Labels; read: () => number | undefined }>>();
  /** Labels as they are told, by metric and given values. */
  const known = new Map<string, Map<string, Labels>>();

  /** The labels, without anything that could be text of users, or more than fits. */
  const bounded = (name: MetricName, service: string, labels: Labels): Labels => {
    const series = known.get(name) ?? new Map<string, Labels>();
    known.set(name, series);
    const id = [service, ...Object.values(labels)].join("\0");
    const before = series.get(id);
    if (before) return before;
    const isTaken = (value: string): boolean => series.size < MOST_SERIES && CODE.test(value);
    const values = Object.entries(labels).map(([label, value]) => [label, isTaken(value) ? value : OTHER]);
    const told = { service, ...Object.fromEntries(values) };
    if (Object.values(labels).every(isTaken)) series.set(id, told);
    return told;
  };

  for (const [name, spec] of Object.entries(METRICS) as [MetricName, MetricSpec][]) {
    const given = { name, help: spec.help, labelNames: ["service", ...spec.labels], registers: [registry] };
    if (spec.type === "counter") counters.set(name, new Counter(given));
    else if (spec.type === "histogram") {
      histograms.set(name, new Histogram({ ...given, buckets: [...(spec.buckets ?? [])] }));
    } else {
      const asked = new Map<string, { labels: Labels; read: () => number | undefined }>();
      readers.set(name, asked);
      new Gauge({
        ...given,
        collect() {
          this.reset();
          for (const { labels, read } of asked.values()) {
            const value = read();
            if (value !== undefined) this.set(labels, value);
          }
        },
      });
    }
  }

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    of: (service) => ({
      add: (name, labels, by = 1) => counters.get(name)!.inc(bounded(name, service, labels), by),
      observe: (name, labels, value) => histograms.get(name)!.observe(bounded(name, service, labels), value),
      gauge: (name, labels, read) => {
        const known = bounded(name, service, labels);
        readers.get(name)!.set(JSON.stringify(known), { labels: known, read });
      },
    }),
  };
}
