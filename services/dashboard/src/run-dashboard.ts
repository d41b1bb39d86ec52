import { once } from "node:events";
import {
  IngotError,
  lakeLocation,
  messageOf,
  observedLake,
  openLake,
  type ServiceContext,
  type Settings,
} from "@ingot/common";
import { assertWarehouseOfLake, warehouseFile } from "@ingot/warehouse";
import type { FastifyInstance } from "fastify";
import { openDashboard } from "./dashboard.ts";

export interface DashboardHooks {
  /** Told once where the dashboard is. */
  onListening?: (url: string) => void;
}

const DEFAULT_PORT = 8080;
/** Ports that are tried where none was asked for. */
const PORTS_TRIED = 20;

/**
 * Serves the dashboard until it is stopped.
 *
 * @throws IngotError `invalid_option` where the address cannot be used, `warehouse_invalid` for another lake's warehouse
 */
export async function runDashboard(context: ServiceContext, hooks: DashboardHooks = {}): Promise<void> {
  const { settings, signal, clock } = context;
  assertWarehouseOfLake(settings);
  const logger = context.logger("dashboard");
  const heartbeat = await context.heartbeat("dashboard");
  const metrics = await context.metrics("dashboard");
  const lake = await openLake(lakeLocation(settings), metrics);
  try {
    const dashboard = await openDashboard({
      lake: observedLake(lake, heartbeat, metrics),
      warehouseFile: warehouseFile(settings),
      settings,
      clock,
      logger,
      heartbeat,
    });
    try {
      hooks.onListening?.(await listen(dashboard.server, settings));
      if (!signal.aborted) await once(signal, "abort");
    } finally {
      await dashboard.close();
    }
  } finally {
    await lake.close();
  }
}

/** Answers the address for a browser on this machine. */
async function listen(
  server: FastifyInstance,
  { dashboardHost: host, dashboardPort }: Pick<Settings, "dashboardHost" | "dashboardPort">,
): Promise<string> {
  for (let port = dashboardPort ?? DEFAULT_PORT; ; port += 1) {
    try {
      await server.listen({ port, host });
      return `http://${shown(host)}:${port}`;
    } catch (cause) {
      const isTaken = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
      if (isTaken && dashboardPort === undefined && port < DEFAULT_PORT + PORTS_TRIED) continue;
      throw new IngotError(
        "invalid_option",
        `The dashboard cannot listen on port ${port} of ${host}: ${messageOf(cause)}. Choose another with DASHBOARD_PORT and DASHBOARD_HOST.`,
        { cause, context: { variable: "DASHBOARD_PORT" } },
      );
    }
  }
}

/** All addresses of a machine are no address that a browser could open. */
function shown(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
