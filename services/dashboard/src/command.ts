import type { Command } from "@ingot/common";
import { runDashboard } from "./run-dashboard.ts";

/** `ingot dashboard`, and the dashboard as a service of its own. */
export const dashboardCommand: Command = {
  name: "dashboard",
  summary: "Serve the dashboard and its API.",
  description: `A page with the business's figures and the pipeline's state, live, and an API for BI tools; its documentation
is at /api/docs. It reads gold, silver and the warehouse, and writes nothing.

It is open on this machine alone (http://127.0.0.1:8080). Another address needs DASHBOARD_TOKEN, which
browsers then ask for as a password, with any user.`,
  flags: {},
  options: [
    "lakeUrl",
    "warehouseUrl",
    "dashboardPort",
    "dashboardHost",
    "dashboardToken",
    "dashboardTimeout",
    "currency",
    "businessTimezone",
    "notifications",
    "pollInterval",
    "logLevel",
    "logFormat",
  ],
  examples: ["ingot dashboard", "ingot dashboard --lake /srv/shop --dashboard-port 9000 --currency GBP"],
  run: (context) =>
    runDashboard(context, {
      onListening: (url) => context.print(`The dashboard is on ${url}. Ctrl-C stops it.`),
    }),
};
