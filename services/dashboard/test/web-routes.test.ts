import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../packages/common/test/support/runs.ts";
import {
  formatFilter,
  formatRoute,
  HOME,
  parseRoute,
  type Route,
  STORES_HOME,
} from "../web/src/lib/routes.ts";
import { search } from "../web/src/lib/search.ts";

const names = fc.uniqueArray(fc.string({ minLength: 1, unit: "grapheme" }), { maxLength: 4 });
const period = fc.constantFrom(
  "today" as const,
  "30d" as const,
  "all" as const,
  { from: "2026-01-01", to: "2026-01-31" },
  { from: "2026-02-28", to: "2026-02-28" },
);
const business = fc
  .record({
    period,
    channel: names,
    country: names,
    product: names,
    step: fc.constantFrom(undefined, "week" as const),
  })
  .map(({ step, ...rest }): Route => ({ view: "business", ...rest, ...(step && { step }) }));
const key = fc
  .array(
    fc.string({ minLength: 1, unit: "grapheme" }).filter((part) => !part.includes("/")),
    { maxLength: 4 },
  )
  .map((parts) => parts.join("/"));
const files = fc
  .record({ layer: fc.constantFrom("silver" as const, "gold" as const), path: key, isFolder: fc.boolean() })
  .map(
    ({ layer, path, isFolder }): Route => ({
      view: "files",
      layer,
      path: isFolder && path ? `${path}/` : path,
    }),
  );

const stores = fc
  .record({
    tab: fc.constantFrom("kpis" as const, "charts" as const),
    at: fc.constantFrom({}, { year: 2024 }, { year: 2024, month: 12 }),
    store: fc.option(fc.string({ minLength: 1, unit: "grapheme" }), { nil: undefined }),
    step: fc.constantFrom("year" as const, "day" as const),
    theme: fc.constantFrom("visitors" as const, "perVisitor" as const),
  })
  .map(({ at, store, ...rest }): Route => ({ view: "stores", ...rest, ...at, ...(store && { store }) }));

describe("an address", () => {
  it("leads back to the view that it was made from, whatever products and objects are called", () => {
    fc.assert(
      fc.property(fc.oneof(business, files, stores), (route) => {
        expect(parseRoute(formatRoute(route))).toEqual(route);
        // As a browser gives it back.
        expect(parseRoute(new URL(formatRoute(route), "http://localhost/").hash)).toEqual(route);
      }),
      { numRuns: runs(200) },
    );
  });

  it("is short where everything is as usual", () => {
    expect(formatRoute(HOME)).toBe("#/");
    expect(formatRoute({ ...HOME, period: "7d", channel: ["web"] })).toBe("#/?period=7d&channel=web");
    expect(formatRoute({ view: "files", layer: "gold", path: "latest/aov.csv" })).toBe(
      "#/files/gold/latest/aov.csv",
    );
    expect(formatRoute({ view: "pipeline", part: "checks" })).toBe("#/pipeline/checks");
    expect(formatRoute(STORES_HOME)).toBe("#/stores");
    expect(formatRoute({ ...STORES_HOME, tab: "charts", year: 2024, month: 1, step: "month" })).toBe(
      "#/stores/charts?year=2024&month=1&by=month",
    );
  });

  it.each([
    ["", HOME],
    ["#/nowhere", HOME],
    ["#/?period=century&from=2026-02-30&to=2026-03-01&by=hour", HOME],
    ["#/?from=2026-03-02&to=2026-03-01", { ...HOME, period: { from: "2026-03-01", to: "2026-03-02" } }],
    ["#/?channel=web&channel=web", { ...HOME, channel: ["web"] }],
    ["#/files/bronze/orders/", { view: "files", layer: "gold", path: "orders/" }],
    ["#/files/gold/%E0%A4%A", { view: "files", layer: "gold", path: "%E0%A4%A" }],
    ["#/pipeline/else", { view: "pipeline" }],
    ["#/stores/else?year=0&month=3&by=hour&theme=none&store=", STORES_HOME],
    ["#/stores?month=3", STORES_HOME],
    ["#/stores?year=2024&month=13", { ...STORES_HOME, year: 2024 }],
  ])("shows something where it makes no sense: %s", (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
  });

  it("of the server repeats a parameter for each choice", () => {
    const filter = {
      from: "2026-01-01",
      to: "2026-01-31",
      channel: [],
      country: ["FR", "DE"],
      product: ["Salt & pepper"],
    };
    expect(formatFilter(filter)).toBe(
      "from=2026-01-01&to=2026-01-31&country=FR&country=DE&product=Salt+%26+pepper",
    );
  });
});

describe("a search", () => {
  const products = ["Café press", "Press for garlic", "Cup", "CUP, large", "Teacup"].map((name) => ({
    name,
  }));
  const find = (text: string) => search(products, text).map(({ name }) => name);

  it("does without capitals and accents, and wants all words in any order", () => {
    expect(find("cafe")).toEqual(["Café press"]);
    expect(find("large cup")).toEqual(["CUP, large"]);
    expect(find("tea set")).toEqual([]);
  });

  it("puts first what begins with it, and finds all where there is none", () => {
    expect(find("press")).toEqual(["Press for garlic", "Café press"]);
    expect(find("cup")).toEqual(["Cup", "CUP, large", "Teacup"]);
    expect(find("  ")).toHaveLength(5);
  });
});
