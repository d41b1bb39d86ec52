import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { OpenObjectMeter } from "../meter/meter.ts";
import type { PassReport } from "../polling.ts";
import type { RunData } from "./events.ts";
import type { LineageJob, LineageRun } from "./lineage.ts";

type Pass<Report> = (signal: AbortSignal) => Promise<Report>;

export interface ToldPass<Report> {
  pass: Pass<Report>;
  /** The meter of its work, which is opened when a pass has found objects to work on: then the run begins. */
  metered(open: OpenObjectMeter): OpenObjectMeter;
}

/**
 * The same pass, told as a run of a job where it has something to do.
 *
 * @param dataOf what a pass has done; asked only where somebody is told, and allowed to fail
 */
export function toldPass<Report extends PassReport>(
  pass: Pass<Report>,
  { job, dataOf, logger }: { job: LineageJob; dataOf(report: Report): Promise<RunData>; logger: Logger },
): ToldPass<Report> {
  if (!job.isTold) return { pass, metered: (open) => open };
  let current: LineageRun | undefined;
  const told: Pass<Report> = async (signal) => {
    const run = job.run();
    current = run;
    try {
      const report = await pass(signal);
      const data = await dataOf(report).catch((error: unknown): RunData => {
        logger.debug(`A lineage event is without its datasets: ${messageOf(error)}`);
        return { inputs: [], outputs: [] };
      });
      const error = report.failures[0]?.error ?? report.blocked;
      if (signal.aborted) run.abort(data);
      else if (error !== undefined) run.fail(error, data);
      else run.complete(data);
      return report;
    } catch (error) {
      if (signal.aborted) run.abort();
      else run.fail(error);
      throw error;
    } finally {
      current = undefined;
    }
  };
  const metered: ToldPass<Report>["metered"] = (open) => (sizes) => {
    if (sizes.length > 0) current?.begin();
    return open(sizes);
  };
  return { pass: told, metered };
}
