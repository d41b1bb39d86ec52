import { computed, signal } from "@preact/signals";
import {
  type BusinessRoute,
  type Dimension,
  formatRoute,
  HOME,
  parseRoute,
  type Route,
  STORES_HOME,
  type StoresRoute,
} from "../lib/routes.ts";

export const route = signal<Route>(parseRoute(location.hash));

addEventListener("hashchange", () => {
  route.value = parseRoute(location.hash);
});

export function go(to: Route) {
  location.hash = formatRoute(to);
}

let lastBusiness: BusinessRoute = HOME;

/** What the business view looks at; on other views what it looked at last, so that going there and back loses nothing. */
export const business = computed(() => {
  if (route.value.view === "business") lastBusiness = route.value;
  return lastBusiness;
});

let lastStores: StoresRoute = STORES_HOME;

/** The same of the stores. */
export const storesRoute = computed(() => {
  if (route.value.view === "stores") lastStores = route.value;
  return lastStores;
});

/** What is given as `undefined` is left to its usual value. */
export function goStores(change: { [Name in keyof StoresRoute]?: StoresRoute[Name] | undefined }) {
  const changed = Object.entries({ ...storesRoute.peek(), ...change }).filter(
    ([, value]) => value !== undefined,
  );
  go({ ...STORES_HOME, ...Object.fromEntries(changed) });
}

export function goBusiness(change: Partial<BusinessRoute>) {
  go({ ...business.peek(), ...change });
}

export function toggleFilter(dimension: Dimension, name: string) {
  const names = business.peek()[dimension];
  const next = names.includes(name) ? names.filter((other) => other !== name) : [...names, name];
  goBusiness({ [dimension]: next });
}

export const filterCount = computed(
  () => business.value.channel.length + business.value.country.length + business.value.product.length,
);

export const NO_FILTERS = { channel: [], country: [], product: [] };
