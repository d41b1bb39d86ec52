import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { REPOSITORY } from "../support.ts";

export const FOLDER = path.join(REPOSITORY, "infra/monitoring");
export const CONFIG = parse(read("prometheus.yml"));
const DASHBOARD = JSON.parse(read("grafana/dashboards/ingot.json"));
export const PANELS: Panel[] = DASHBOARD.panels;
export const RULES: { alert: string; expr: string }[] = parse(read("alerts.yml")).groups[0].rules;
/** What each panel of the dashboard asks. */
export const EXPRESSIONS = PANELS.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }): [string, string] => [title, expr]),
);
interface Panel {
  id: number;
  title: string;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; refId: string; datasource: { uid: string } }[];
}

/** The text of a file of infra/monitoring. */
export function read(file: string): string {
  return readFileSync(path.join(FOLDER, file), "utf8");
}

/** True where there is such a program on the PATH. */
export function has(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}
