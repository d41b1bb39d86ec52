import type { Metrics } from "../metrics/metrics.ts";
import type { Alarm, Alarms } from "./alarms.ts";

const SEVERITIES: readonly Alarm["severity"][] = ["warn", "error"];
/** Kinds that are told as 0 before the first alarm of them is raised. */
const USUAL_KINDS = ["check", "schema"];

/** Tells how many alarms of a service are raised, by severity and kind. */
export class AlarmFigures {
  readonly #kinds = new Set(USUAL_KINDS);
  #active: Alarms["active"] = () => [];
  #metrics: Metrics | undefined;

  tellTo(metrics: Metrics): void {
    this.#metrics = metrics;
    for (const kind of this.#kinds) this.#tell(kind, metrics);
  }

  /** The same alarms, watched. */
  watch(alarms: Alarms): Alarms {
    this.#active = alarms.active;
    for (const alarm of alarms.active()) this.#learn(alarm);
    const raise: Alarms["raise"] = (alarm) => {
      this.#learn(alarm);
      alarms.raise(alarm);
    };
    return { ...alarms, raise };
  }

  #learn(alarm: Alarm): void {
    const kind = kindOf(alarm);
    if (this.#kinds.has(kind)) return;
    this.#kinds.add(kind);
    if (this.#metrics) this.#tell(kind, this.#metrics);
  }

  #tell(kind: string, metrics: Metrics): void {
    for (const severity of SEVERITIES) {
      const isAlike = (alarm: Alarm): boolean => alarm.severity === severity && kindOf(alarm) === kind;
      metrics.gauge("ingot_alarms", { severity, kind }, () => this.#active().filter(isAlike).length);
    }
  }
}

/** The first part of an alarm's id: `check` of `check/sales_by_day/not_null_revenue`. */
const kindOf = ({ id }: Alarm): string => id.replace(/\/.*$/s, "");
