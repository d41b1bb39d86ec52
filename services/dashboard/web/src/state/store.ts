import { computed, effect } from "@preact/signals";
import type {
  FilterChoices,
  KpiList,
  PageSettings,
  PipelineStatus,
  SalesFilter,
  SalesReport,
  StoreChoices,
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
/** Also tells whether there are stores at all. */
export const storeChoices = new Resource<StoreChoices>();
export const hasStores = computed(() => (storeChoices.data.value?.years.length ?? 0) > 0);

/** Names and the first and last day change rarely; they need not be asked for at every tick of the pipeline. */
const CHOICES_MS = 30_000;
/** Other views than the pipeline's need its status for the banner only. */
const STATUS_MS = 10_000;
/** A new day begins without any news. */
const NEW_DAY_MS = 600_000;
/** The page asks by itself where the server has no way to tell it anything. */
const RETRY_MS = 2_500;
/** What passes by itself. */
export const PASSING = new Set([
  "offline",
  "bucket_missing",
  "warehouse_missing",
  "warehouse_busy",
  "storage_unavailable",
  "object_changed",
]);

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
  choicesAt = Date.now();
  status.load("api/status");
  storeChoices.load("api/stores/filters");
  effect(() => {
    if (route.value.view === "business" && query.value) report.load(`api/sales?${query.value}`);
  });
  effect(() => {
    if (route.value.view === "data") kpis.load("api/kpis");
    if (route.value.view === "pipeline") status.load("api/status");
  });
  onLive("gold", () => {
    const { days, today } = choices.data.peek() ?? {};
    // A history that is still being filled has another last day every second.
    refreshChoices(days && today && days.last >= today ? CHOICES_MS : 0);
    const { view } = route.peek();
    if (view === "business") report.refresh();
    if (view === "data") kpis.refresh();
  });
  onLive("stores", () => storeChoices.refresh());
  onLive("status", () => {
    const { view } = route.peek();
    refreshStatus(view === "pipeline" ? 0 : STATUS_MS);
    // Visits change without any KPI; an answer that is the same costs nothing.
    if (view === "business") report.refresh();
  });
  setInterval(askAgain, RETRY_MS);
}

/** What failed for the moment comes back without anybody pressing a button. */
function askAgain() {
  if (document.hidden) return;
  for (const resource of [choices, report, status, kpis, storeChoices]) {
    if (PASSING.has(resource.error.peek()?.code ?? "")) resource.refresh();
  }
  // Counting ends without news, too.
  if (report.data.peek()?.counting !== undefined && route.peek().view === "business") report.refresh();
  refreshChoices(NEW_DAY_MS);
  if (settings.peek().version === "" && choices.data.peek()) {
    void getJson<PageSettings>("api/settings").then(
      (answer) => {
        settings.value = answer;
      },
      () => {},
    );
  }
}
