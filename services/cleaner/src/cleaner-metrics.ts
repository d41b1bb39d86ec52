import { type Clock, type Metrics, NO_METRICS } from "@ingot/common";
import { type CleanCounts, DATASETS } from "@ingot/pipelines";
import type { ListedTask } from "./backlog.ts";

/** The figures of a cleaner's work. */
export interface CleanerMetrics {
  /** These objects have to be cleaned, and no others. */
  found(tasks: readonly ListedTask[]): void;
  /** This one no longer. @param counts what became of its records, where this cleaner has cleaned it */
  settled(task: ListedTask, counts?: CleanCounts): void;
}

const NOTHING: CleanerMetrics = { found: () => undefined, settled: () => undefined };

export function cleanerMetrics(metrics: Metrics, clock: Clock): CleanerMetrics {
  if (metrics === NO_METRICS) return NOTHING;
  let waiting = new Set<ListedTask>();
  const ageOf = ({ modified }: ListedTask): number =>
    modified === undefined ? 0 : Math.max(0, clock.now().getTime() - modified.getTime()) / 1000;

  metrics.gauge("ingot_waiting_objects", {}, () => waiting.size);
  metrics.gauge("ingot_waiting_seconds", {}, () => {
    let oldest = 0;
    for (const task of waiting) oldest = Math.max(oldest, ageOf(task));
    return oldest;
  });
  // A counter that begins with its first value instead of 0 hides what came first.
  for (const dataset of Object.keys(DATASETS))
    count(metrics, dataset, { kept: 0, rejected: 0, duplicates: 0 });

  return {
    found: (tasks) => {
      waiting = new Set(tasks);
    },
    settled: (task, counts) => {
      waiting.delete(task);
      if (!counts) return;
      const dataset = task.dataset.name;
      metrics.add("ingot_objects_total", { dataset });
      count(metrics, dataset, counts);
      for (const [reason, records] of Object.entries(counts.reasons)) {
        metrics.add("ingot_rejected_records_total", { dataset, reason }, records);
      }
      // One that is cleaned anew may have lain there for years.
      if (!task.replace) metrics.observe("ingot_lag_seconds", { stage: "bronze_to_silver" }, ageOf(task));
    },
  };
}

function count(
  metrics: Metrics,
  dataset: string,
  { kept, rejected, duplicates }: Pick<CleanCounts, "kept" | "rejected" | "duplicates">,
): void {
  metrics.add("ingot_records_total", { dataset, outcome: "kept" }, kept);
  metrics.add("ingot_records_total", { dataset, outcome: "rejected" }, rejected);
  metrics.add("ingot_records_total", { dataset, outcome: "duplicate" }, duplicates);
}
