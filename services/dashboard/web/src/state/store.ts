import { computed, effect } from "@preact/signals";
import type {
  FilterChoices,
  KpiList,
  PageSettings,
  PipelineStatus,
  SalesFilter,
  SalesReport,
} from "../../../src/api/contract.ts";
import { periodOf } from "../lib/periods.ts";
import { formatFilter } from "../lib/routes.ts";
import { getJson } from "./api.ts";
import { onLive } from "./live.ts";
import { settings } from "./preferences.ts";
import { Resource } from "./resource.ts";
import { business, route } from "./route.ts";

export const choices = new Resource<FilterChoices>();
export const report = new Resource<SalesReport>();
export const status = new Resource<PipelineStatus>();
export const kpis = new Resource<KpiList>();

/** Names and the first and last day change rarely; they need not be asked for at every tick of the pipeline. */
const CHOICES_MS = 30_000;
/** Other views than the pipeline's need its status for the banner only. */
const STATUS_MS = 10_000;
/** The page asks by itself where the server has no way to tell it anything. */
const RETRY_MS = 4_000;

/** What the business view asks; absent until the first and the last day are known, and while there is no data. */
export const filter = computed<SalesFilter | undefined>(() => {
  const known = choices.data.value;
  if (!known?.days) return undefined;
  const { period, channel, country, product } = business.value;
  return { ...periodOf(period, known), channel, country, product };
});

/** The same as the query of an address. */
export const query = computed(() => filter.value && formatFilter(filter.value));

let choicesAt = 0;
let statusAt = 0;

function refreshChoices(maxAgeMs: number) {
  if (Date.now() - choicesAt < maxAgeMs) return;
  choicesAt = Date.now();
  choices.refresh();
}

function refreshStatus(maxAgeMs: number) {
  if (Date.now() - statusAt < maxAgeMs) return;
  statusAt = Date.now();
  status.refresh();
}

export function startStore() {
  void getJson<PageSettings>("api/settings").then(
    (answer) => {
      settings.value = answer;
    },
    () => {},
  );
  choices.load("api/filters");
  status.load("api/status");
  effect(() => {
    if (route.value.view === "business" && query.value) report.load(`api/sales?${query.value}`);
  });
  effect(() => {
    if (route.value.view === "data") kpis.load("api/kpis");
    if (route.value.view === "pipeline") status.load("api/status");
  });
  onLive("gold", () => {
    refreshChoices(choices.data.peek()?.days ? CHOICES_MS : 0);
    const { view } = route.peek();
    if (view === "business") report.refresh();
    if (view === "data") kpis.refresh();
  });
  onLive("status", () => refreshStatus(route.peek().view === "pipeline" ? 0 : STATUS_MS));
  setInterval(retryFailed, RETRY_MS);
}

/** What failed because there was no server or no warehouse comes back without anybody pressing a button. */
function retryFailed() {
  if (document.hidden) return;
  for (const resource of [choices, report, status, kpis]) {
    const code = resource.error.peek()?.code;
    if (code === "offline" || code === "warehouse_missing") resource.refresh();
  }
  if (settings.peek().version === "" && choices.data.peek()) {
    void getJson<PageSettings>("api/settings").then(
      (answer) => {
        settings.value = answer;
      },
      () => {},
    );
  }
}
