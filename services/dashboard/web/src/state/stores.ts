import { computed, effect } from "@preact/signals";
import type { StoreKpis, StoreSeries, StoreSeriesFilter } from "../../../src/api/contract.ts";
import { onLive } from "./live.ts";
import { Resource } from "./resource.ts";
import { route, storesRoute } from "./route.ts";
import { PASSING, storeChoices } from "./store.ts";

export const kpis = new Resource<StoreKpis>();
export const series = new Resource<StoreSeries>();

const RETRY_MS = 2_500;

/** The month that is looked at: what the address names, where there is such a one, else the newest. */
export const chosenMonth = computed<{ year: number; month: number } | undefined>(() => {
  const years = storeChoices.data.value?.years ?? [];
  const { year: askedYear, month: askedMonth } = storesRoute.value;
  const { year, months } = years.find((one) => one.year === askedYear) ?? years[0] ?? { year: 0, months: [] };
  const month = months.find((one) => one === askedMonth && year === askedYear) ?? months.at(-1);
  return month === undefined ? undefined : { year, month };
});

/** The store that is looked at; one that is not known is none. */
export const chosenStore = computed<string | undefined>(() => {
  const { store } = storesRoute.value;
  return storeChoices.data.value?.stores.find(({ id }) => id === store)?.id;
});

/** What the charts ask, and what is downloaded. */
export const seriesFilter = computed<StoreSeriesFilter | undefined>(() => {
  const chosen = chosenMonth.value;
  if (!chosen) return undefined;
  const { step } = storesRoute.value;
  const store = chosenStore.value;
  return {
    step,
    ...(store !== undefined && { store }),
    ...((step === "month" || step === "day") && { year: chosen.year }),
    ...(step === "day" && { month: chosen.month }),
  };
});

export function queryOf(values: object): string {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString();
}

effect(() => {
  const current = route.value;
  const [month, filter] = [chosenMonth.value, seriesFilter.value];
  if (current.view !== "stores" || !month || !filter) return;
  if (current.tab === "kpis") kpis.load(`api/stores/kpis?${queryOf({ ...month, store: chosenStore.value })}`);
  else series.load(`api/stores/series?${queryOf(filter)}`);
});

function refresh() {
  const current = route.peek();
  if (current.view === "stores") (current.tab === "kpis" ? kpis : series).refresh();
}

onLive("stores", refresh);
setInterval(() => {
  if (document.hidden) return;
  const code = (kpis.error.peek() ?? series.error.peek())?.code ?? "";
  if (PASSING.has(code)) refresh();
}, RETRY_MS);
