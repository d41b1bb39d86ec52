import type { SalesFilter } from "../../../src/api/contract.ts";
import { isDay } from "./dates.ts";
import { DEFAULT_PRESET, isPreset, type PeriodChoice } from "./periods.ts";
import { isStep, type Step } from "./steps.ts";

export const VIEWS = ["business", "pipeline", "files", "data"] as const;
export type View = (typeof VIEWS)[number];

export const DIMENSIONS = ["channel", "country", "product"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export interface BusinessRoute {
  view: "business";
  period: PeriodChoice;
  channel: string[];
  country: string[];
  product: string[];
  /** Absent where the length of the period decides. */
  step?: Step;
}

export interface FilesRoute {
  view: "files";
  layer: "silver" | "gold";
  /** A folder (empty or with a slash at the end), or an object's key. */
  path: string;
}

export interface PipelineRoute {
  view: "pipeline";
  /** The part of the view that an address leads to. */
  part?: "checks";
}

export type Route = BusinessRoute | FilesRoute | PipelineRoute | { view: "data" };

export const HOME: BusinessRoute = {
  view: "business",
  period: DEFAULT_PRESET,
  channel: [],
  country: [],
  product: [],
};

/** Reads what stands after `#`. What makes no sense is left out: an address always shows something. */
export function parseRoute(hash: string): Route {
  const text = hash.replace(/^#/, "");
  const [path = "", query = ""] = splitOnce(text, "?");
  const [, view = "", ...rest] = path.split("/");
  if (view === "data") return { view };
  if (view === "pipeline") return rest[0] === "checks" ? { view, part: "checks" } : { view };
  if (view === "files") {
    const [layer, ...key] = rest.map(decode);
    return { view, layer: layer === "silver" ? "silver" : "gold", path: key.join("/") };
  }
  const params = new URLSearchParams(query);
  const route: BusinessRoute = {
    ...HOME,
    period: parsePeriod(params),
    channel: unique(params.getAll("channel")),
    country: unique(params.getAll("country")),
    product: unique(params.getAll("product")),
  };
  const step = params.get("by");
  if (step && isStep(step)) route.step = step;
  return route;
}

/** The address of a route, `#` included; `parseRoute` reads it back. */
export function formatRoute(route: Route): string {
  if (route.view === "data") return "#/data";
  if (route.view === "pipeline") return route.part ? `#/pipeline/${route.part}` : "#/pipeline";
  if (route.view === "files") {
    // `dt=2026-01-01` stays readable.
    const path = route.path.split("/").map(encodeURIComponent).join("/").replaceAll("%3D", "=");
    return `#/files/${route.layer}/${path}`;
  }
  const params = new URLSearchParams();
  const { period } = route;
  if (typeof period !== "string") {
    params.set("from", period.from);
    params.set("to", period.to);
  } else if (period !== DEFAULT_PRESET) {
    params.set("period", period);
  }
  for (const dimension of DIMENSIONS) {
    for (const name of route[dimension]) params.append(dimension, name);
  }
  if (route.step) params.set("by", route.step);
  const query = params.toString();
  return query ? `#/?${query}` : "#/";
}

/** The query of `/api/sales` and its downloads. */
export function formatFilter(filter: SalesFilter): string {
  const params = new URLSearchParams({ from: filter.from, to: filter.to });
  for (const dimension of DIMENSIONS) {
    for (const name of filter[dimension]) params.append(dimension, name);
  }
  return params.toString();
}

function parsePeriod(params: URLSearchParams): PeriodChoice {
  const from = params.get("from") ?? "";
  const to = params.get("to") ?? "";
  if (isDay(from) && isDay(to)) return from <= to ? { from, to } : { from: to, to: from };
  const preset = params.get("period") ?? "";
  return isPreset(preset) ? preset : DEFAULT_PRESET;
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function unique(names: string[]): string[] {
  return [...new Set(names)];
}
