import type { Clock, Heartbeat, Lake, Logger, Settings } from "@ingot/common";
import type { FastifyInstance } from "fastify";
import type { PipelineStatus } from "./api/contract.ts";
import { openSalesCube } from "./cube/index.ts";
import { createServer, type SalesQuestions } from "./http/index.ts";
import { createLive, type PipelineDigest } from "./live/live.ts";
import { createPipelineView } from "./pipeline/index.ts";
import { createStoreView } from "./stores/store-view.ts";

export interface DashboardOptions {
  lake: Lake;
  /** The warehouse's SQLite file; it need not be there (yet). */
  warehouseFile: string;
  settings: Pick<
    Settings,
    | "dashboardHost"
    | "dashboardToken"
    | "dashboardTimeout"
    | "currency"
    | "businessTimezone"
    | "notifications"
    | "pollInterval"
  >;
  clock: Clock;
  logger: Logger;
  heartbeat: Heartbeat;
}

export interface Dashboard {
  /** Answers requests; it need not listen. */
  readonly server: FastifyInstance;
  close(): Promise<void>;
}

/** Puts the dashboard's parts together: what answers questions, what looks at the pipeline, what tells of changes. */
export async function openDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { lake, warehouseFile, settings, clock, logger, heartbeat } = options;
  const timezone = settings.businessTimezone;
  const cube = openSalesCube({ file: warehouseFile, timezone, clock, logger });
  const pipeline = createPipelineView({ lake, warehouseFile, clock, logger });
  const stores = createStoreView({ gold: lake.gold, silver: lake.silver, timezone, clock });
  const digest = async () => digestOf(await pipeline.status());
  const live = await createLive({ lake, settings, clock, logger, heartbeat, onChange: cube.refresh, digest });
  const closeParts = async (): Promise<void> => {
    await live.close();
    await Promise.all([cube.close(), pipeline.close(), stores.close()]);
  };
  try {
    const server = await createServer({
      cube: lookingFirst(cube, live.look),
      pipeline,
      stores,
      live,
      gold: lake.gold,
      host: settings.dashboardHost,
      token: settings.dashboardToken,
      timeoutMs: settings.dashboardTimeout,
      currency: settings.currency,
      businessTimezone: timezone,
      logger,
    });
    const close = async (): Promise<void> => {
      await server.close();
      await closeParts();
    };
    return { server, close };
  } catch (error) {
    await closeParts();
    throw error;
  }
}

/** Who asks without listening to events gets what is in gold now, too. */
function lookingFirst(cube: SalesQuestions, look: () => Promise<void>): SalesQuestions {
  return {
    report: async (...question) => {
      await look();
      return cube.report(...question);
    },
    table: async (...question) => {
      await look();
      return cube.table(...question);
    },
    choices: async (limits) => {
      await look();
      return cube.choices(limits);
    },
  };
}

/** Everything of a status that does not change by itself as time goes by. */
function digestOf({ at: _at, backlog, ...rest }: PipelineStatus): PipelineDigest {
  const { lag_seconds: _lag, ...waiting } = backlog;
  return { text: JSON.stringify([rest, waiting]), isBlocked: rest.is_blocked };
}
