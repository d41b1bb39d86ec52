import type { SalesFilter, StoreStep } from "../../../src/api/contract.ts";
import { isDay } from "./dates.ts";
import { DEFAULT_PRESET, isPreset, type PeriodChoice } from "./periods.ts";
import { isStep, type Step } from "./steps.ts";

export const VIEWS = ["business", "stores", "pipeline", "files", "data"] as const;
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

export const STORE_TABS = ["kpis", "charts"] as const;
export type StoreTab = (typeof STORE_TABS)[number];

/** In the order in which readers choose from them. */
export const CHART_STEPS = ["year", "quarter", "month", "day"] as const satisfies readonly StoreStep[];

export const STORE_THEMES = [
  "visitors",
  "transactions",
  "revenue",
  "margins",
  "efficiency",
  "perVisitor",
] as const;
export type StoreTheme = (typeof STORE_THEMES)[number];

export interface StoresRoute {
  view: "stores";
  tab: StoreTab;
  /** Absent where the newest with metrics is meant. */
  year?: number;
  /** 1 to 12; absent where the newest of the year is meant. */
  month?: number;
  /** Absent for all. */
  store?: string;
  step: StoreStep;
  theme: StoreTheme;
}

export type Route = BusinessRoute | StoresRoute | FilesRoute | PipelineRoute | { view: "data" };

export const HOME: BusinessRoute = {
  view: "business",
  period: DEFAULT_PRESET,
  channel: [],
  country: [],
  product: [],
};

export const STORES_HOME: StoresRoute = { view: "stores", tab: "kpis", step: "day", theme: "visitors" };

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
  if (view === "stores") return parseStores(rest[0], params);
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
  if (route.view === "stores") return formatStores(route);
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

function parseStores(tab: string | undefined, params: URLSearchParams): StoresRoute {
  const [year, month] = [whole(params.get("year"), 9999), whole(params.get("month"), 12)];
  const store = params.get("store");
  return {
    view: "stores",
    tab: STORE_TABS.find((name) => name === tab) ?? STORES_HOME.tab,
    ...(year && { year }),
    ...(year && month && { month }),
    ...(store && { store }),
    step: CHART_STEPS.find((name) => name === params.get("by")) ?? STORES_HOME.step,
    theme: STORE_THEMES.find((name) => name === params.get("theme")) ?? STORES_HOME.theme,
  };
}

function formatStores({ tab, year, month, store, step, theme }: StoresRoute): string {
  const params = new URLSearchParams();
  if (year) params.set("year", String(year));
  if (year && month) params.set("month", String(month));
  if (store) params.set("store", store);
  if (step !== STORES_HOME.step) params.set("by", step);
  if (theme !== STORES_HOME.theme) params.set("theme", theme);
  const query = params.toString();
  return `#/stores${tab === STORES_HOME.tab ? "" : `/${tab}`}${query && `?${query}`}`;
}

/** A whole number from 1. */
function whole(text: string | null, most: number): number | undefined {
  const value = /^\d{1,4}$/.test(text ?? "") ? Number(text) : 0;
  return value >= 1 && value <= most ? value : undefined;
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
