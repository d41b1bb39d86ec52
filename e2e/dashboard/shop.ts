import type { ChildProcess } from "node:child_process";
import { freePort } from "../../packages/common/test/storage/s3-servers.ts";
import { finished, type Lake, until } from "../support.ts";

/** A shop's first twelve days, and some days of three stores: cleaned and in gold. */
export async function fillShop(lake: Lake): Promise<void> {
  await Promise.all([fillWebShop(lake), fillStores(lake)]);
}

async function fillWebShop(lake: Lake): Promise<void> {
  await lake.ingot("generate --ticks 288 --seed 11 --rows 20 --start 2026-03-01T00:00:00Z");
  await lake.ingot("clean --once");
  await lake.ingot("aggregate --once");
}

async function fillStores(lake: Lake): Promise<void> {
  const size = "--stores 3 --clients 60 --products 8";
  await lake.ingot(`generate retail-stores --from 2026-02-25 --to 2026-03-03 --seed 12 ${size}`);
  await lake.ingot("run retail-stores");
}

export interface RunningDashboard {
  url: string;
  /** Answers what `/api/…` says. */
  get<T>(path: string): Promise<T>;
  stop(): Promise<void>;
}

/** Starts `ingot dashboard` on a lake. */
export async function startDashboard(
  lake: Lake,
  port?: number,
  env: Record<string, string> = {},
): Promise<RunningDashboard> {
  const used = port ?? (await freePort());
  const child = lake.start(`dashboard --dashboard-port ${used}`, { CURRENCY: "EUR", ...env });
  const end = finished(child);
  const stop = async (): Promise<void> => {
    child.kill("SIGINT");
    await end;
  };
  await isReady(child);
  const url = `http://127.0.0.1:${used}`;
  return { url, stop, get: async <T>(path: string) => (await (await fetch(`${url}${path}`)).json()) as T };
}

async function isReady(child: ChildProcess): Promise<void> {
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  await until("the dashboard's address", () => output.includes("http://"), 15_000);
}
