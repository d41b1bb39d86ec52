import { cpSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { StoreChoices, StoreKpis, StoreSeries } from "../services/dashboard/src/api/contract.ts";
import { browserProgram, launchBrowser, seriousFindings, watchMisdeeds } from "./dashboard/browser.ts";
import {
  cardsOf,
  EVERYTHING,
  everything,
  openPage,
  PANELS,
  panelTexts,
  type SalesReport,
} from "./dashboard/page.ts";
import { fillShop, type RunningDashboard, startDashboard } from "./dashboard/shop.ts";
import { type Lake, lakeTemplate, REPOSITORY, sharedLake, temporaryLake, until } from "./support.ts";

const program = browserProgram();
if (program === undefined) {
  console.info("\n*** THE TESTS IN A BROWSER DID NOT RUN: there is no Chromium on the PATH. ***\n");
}
/** Other suites use the cores at the same time. */
const PATIENT = { timeout: 10_000 };
const SCREENSHOTS = path.join(REPOSITORY, "e2e/screenshots");
/** Addresses of the views, and what is there once their data is. */
const VIEWS = {
  "?period=all": "[data-card=customers] [data-value]",
  stores: "[data-store-card=average_basket] [data-value]",
  "stores/charts?theme=revenue": "[data-panel=store-quantity] canvas",
  pipeline: "[data-panel=batch-retail-stores] table",
  "files/gold/latest/sales_by_day.csv": "tbody tr",
  data: "a[href*='.csv']",
};

/** The cards of the stores: the value, and whether it is more or less than before. */
function shownCards(page: Page): Promise<string[]> {
  return page.locator("[data-store-card]").evaluateAll((cards) =>
    cards.map((card) => {
      const value = card.querySelector("[data-value]")?.getAttribute("data-value");
      return `${value} ${card.querySelector(".store-change")?.textContent?.[0] ?? ""}`.trim();
    }),
  );
}

describe.skipIf(program === undefined)("the dashboard in a browser", () => {
  const lake = sharedLake(fillShop, 60_000);
  let browser: Browser;
  let dashboard: RunningDashboard;
  beforeAll(async () => {
    browser = await launchBrowser(program!);
    dashboard = await startDashboard(lake);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await dashboard?.stop();
  });

  const newPage = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ locale: "en-US", timezoneId: "UTC", ...options });
    onTestFinished(() => context.close());
    return context.newPage();
  };

  test("shows what the API says, and every filter changes every figure that it applies to", async () => {
    const page = await newPage();
    const misdeeds = watchMisdeeds(page, dashboard.url);
    await openPage(page, `${dashboard.url}/${EVERYTHING}`);
    const period = await everything(dashboard);
    const expectCards = async (filter: string): Promise<void> => {
      const { cards } = await dashboard.get<SalesReport>(`/api/sales?${period}${filter}`);
      const expected = Object.fromEntries(Object.entries(cards).map(([name, { value }]) => [name, value]));
      await expect.poll(() => cardsOf(page), PATIENT).toEqual(expected);
    };
    await expectCards("");
    const before = await panelTexts(page);

    // A click on a bar.
    await page.locator("[data-panel=countries] ol button").first().click();
    const country = before.countries.match(/Germany|United Kingdom|France/)![0];
    await expect
      .poll(() => page.url(), PATIENT)
      .toContain(`country=${encodeURIComponent(country).replace("%20", "+")}`);
    await expectCards(`&country=${encodeURIComponent(country)}`);
    const ofCountry = await panelTexts(page);
    for (const panel of PANELS)
      expect({ panel, text: ofCountry[panel] }).not.toEqual({ panel, text: before[panel] });

    // The list, by the keyboard alone.
    await page.getByRole("button", { name: /^Channel/ }).focus();
    await page.keyboard.press("Enter");
    await page.locator("[role=combobox]:focus").waitFor();
    await page.keyboard.type("web");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    await expectCards(`&country=${encodeURIComponent(country)}&channel=web`);
    const ofChannel = await panelTexts(page);
    const isOfOrders = (panel: string): boolean => !["visits_by_day", "pages"].includes(panel);
    for (const panel of PANELS.filter(isOfOrders))
      expect({ panel, text: ofChannel[panel] }).not.toEqual({ panel, text: ofCountry[panel] });

    // The address is the view: it can be shared, and gone back from.
    const shared = await newPage();
    await openPage(shared, page.url());
    expect(await cardsOf(shared)).toEqual(await cardsOf(page));
    await page.goBack();
    await expectCards(`&country=${encodeURIComponent(country)}`);
    expect(misdeeds).toEqual([]);
  });

  test("what is downloaded is what the API gives, with the filter", async () => {
    const page = await newPage({ acceptDownloads: true });
    await openPage(page, `${dashboard.url}/${EVERYTHING}&channel=web`);
    const period = await everything(dashboard);
    for (const [panel, table, format] of [
      ["products", "products", "CSV"],
      ["sales_by_day", "sales_by_day", "CSV"],
      ["channels", "channels", "Excel"],
    ] as const) {
      await page.locator(`[data-panel=${panel}] [aria-haspopup=menu]`).click();
      const waiting = page.waitForEvent("download");
      await page.getByRole("menuitem", { name: new RegExp(format) }).click();
      const download = await waiting;
      const ending = format === "CSV" ? "csv" : "xlsx";
      expect(download.suggestedFilename()).toMatch(new RegExp(`${table}.*\\.${ending}$`));
      const bytes = readFileSync(await download.path());
      const answer = await fetch(`${dashboard.url}/api/sales/${table}.${ending}?${period}&channel=web`);
      const expected = Buffer.from(await answer.arrayBuffer());
      if (ending === "csv") expect(bytes.toString()).toBe(expected.toString());
      else expect(bytes.subarray(0, 2).toString()).toBe("PK");
      expect(bytes.length).toBeGreaterThan(50);
    }
  });

  test.each(["light", "dark"] as const)("nothing keeps anybody from using it: %s", async (colorScheme) => {
    const page = await newPage({ colorScheme });
    const misdeeds = watchMisdeeds(page, dashboard.url);
    await openPage(page, `${dashboard.url}/${EVERYTHING}`);
    const background = await page.evaluate<string>(
      "getComputedStyle(document.documentElement).backgroundColor",
    );
    const brightness = Math.max(...background.match(/\d+/g)!.slice(0, 3).map(Number));
    expect(brightness > 128).toBe(colorScheme === "light");
    for (const [view, content] of Object.entries(VIEWS)) {
      await page.goto(`${dashboard.url}/#/${view}`);
      await page.locator(content).first().waitFor({ state: "attached" });
      expect({ view, findings: await seriousFindings(page) }).toEqual({ view, findings: [] });
    }
    expect(misdeeds).toEqual([]);
  });

  test("speaks French, with French numbers, to who reads French", async () => {
    const page = await newPage({ locale: "fr-FR" });
    await openPage(page, `${dashboard.url}/${EVERYTHING}`);
    expect(await page.locator("html").getAttribute("lang")).toBe("fr");
    const { cards } = await dashboard.get<SalesReport>(`/api/sales?${await everything(dashboard)}`);
    const average = new Intl.NumberFormat("fr-FR", { style: "currency", currency: "EUR" });
    await expect
      .poll(() => page.locator("[data-card=average_order_value] .card-value").textContent(), PATIENT)
      .toBe(average.format(cards.average_order_value.value!));
    expect(await page.locator("[data-card=revenue] .card-title").textContent()).toBe("Chiffre d’affaires");
    await page.getByRole("button", { name: /^EN/ }).click();
    expect(await page.locator("[data-card=revenue] .card-title").textContent()).toBe("Revenue");
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
  });

  test("shows the stores as the API has them, in French, with everything in the address", async () => {
    const page = await newPage({ locale: "fr-FR", acceptDownloads: true });
    const misdeeds = watchMisdeeds(page, dashboard.url);
    await openPage(page, `${dashboard.url}/${EVERYTHING}`);
    await page.getByRole("link", { name: "Magasins" }).click();
    await page.getByRole("heading", { name: "Visualisation des métriques des magasins" }).waitFor();
    const { stores } = await dashboard.get<StoreChoices>("/api/stores/filters");
    const expectCards = async (question: string): Promise<void> => {
      const { cards } = await dashboard.get<StoreKpis>(`/api/stores/kpis?${question}`);
      const shown = Object.values(cards).map(({ value, change }) => {
        const sign = change === null ? "" : change > 0 ? "▲" : "▼";
        return `${value} ${sign}`.trim();
      });
      await expect.poll(() => shownCards(page), PATIENT).toEqual(shown);
    };
    await expectCards("year=2026&month=3");
    expect(await page.locator("[data-store-card=conversion_rate] .card-foot").textContent()).toMatch(
      /^[▲▼]\s\d+,\d\d\s%.*\/ mois précédent\.$/,
    );
    await page.getByRole("combobox", { name: "Mois" }).selectOption({ label: "Février" });
    await expectCards("year=2026&month=2");
    // There is nothing to compare with.
    expect(await page.locator(".store-change").count()).toBe(0);
    await page.getByRole("combobox", { name: "Magasin" }).selectOption({ label: "Magasin_2" });
    const store = stores.find(({ name }) => name === "Magasin_2")!.id;
    await expectCards(`year=2026&month=2&store=${store}`);

    await page.getByRole("tab", { name: "KPI Généraux" }).press("ArrowRight");
    await page.getByRole("combobox", { name: "Type de graphique" }).selectOption({ label: "Quotidien" });
    await page.getByRole("combobox", { name: "Thème" }).selectOption({ label: "Quantité et revenus" });
    await page.locator("[data-panel=store-quantity] canvas").waitFor();
    await page.getByRole("button", { name: "Afficher en tableau : Quantité vendue" }).click();
    const { points } = await dashboard.get<StoreSeries>(
      `/api/stores/series?step=day&year=2026&month=2&store=${store}`,
    );
    const quantities = page.locator("[data-panel=store-quantity] tbody td:nth-child(2)");
    const number = new Intl.NumberFormat("fr-FR");
    expect(await quantities.allTextContents()).toEqual(
      points.map(({ total_quantity }) => number.format(total_quantity)),
    );
    const shared = await newPage({ locale: "fr-FR" });
    await shared.goto(page.url());
    await shared.locator("[data-panel=store-quantity] canvas").waitFor();
    expect(await shared.getByRole("combobox", { name: "Magasin" }).inputValue()).toBe(store);

    const waiting = page.waitForEvent("download");
    await page.getByRole("link", { name: "Télécharger les données en CSV" }).click();
    const download = await waiting;
    expect(download.suggestedFilename()).toBe(`metrics_store_${store}_Quotidien_2026_2.csv`);
    const lines = readFileSync(await download.path(), "utf8")
      .trimEnd()
      .split("\n");
    expect(lines[0]).toMatch(/^date,day_of_week,store_id,.*,peak_hour_visitors,year,month$/);
    expect(lines.slice(1).map((line) => line.split(",")[0])).toEqual(points.map(({ period }) => period));
    expect(misdeeds).toEqual([]);
  });

  test("shows what a pipeline did, and hands out its files", async () => {
    const page = await newPage({ acceptDownloads: true });
    await page.goto(`${dashboard.url}/#/pipeline`);
    const panel = page.locator("[data-panel=batch-retail-stores]");
    await panel.getByText("published", { exact: true }).waitFor();
    expect(await panel.locator("tbody code").allTextContents()).toEqual(
      expect.arrayContaining(["clients", "sales", "store_daily_metrics", "publish"]),
    );
    const waiting = page.waitForEvent("download");
    await panel.getByRole("link", { name: "Download store_daily_metrics.parquet" }).click();
    const download = await waiting;
    expect(download.suggestedFilename()).toBe("store_daily_metrics.parquet");
    const file = path.join(lake.folder, "gold/retail-stores/latest/store_daily_metrics.parquet");
    expect(readFileSync(await download.path()).equals(readFileSync(file))).toBe(true);
  });

  test("asks for the password where one is set, and is live behind it", async () => {
    const token = "a password of this shop".replaceAll(" ", "-");
    const { url, stop } = await startDashboard(lake, undefined, { DASHBOARD_TOKEN: token });
    onTestFinished(stop);
    expect((await fetch(url)).status).toBe(401);
    const page = await newPage({ httpCredentials: { username: "anybody", password: token } });
    const misdeeds = watchMisdeeds(page, url);
    await openPage(page, `${url}/${EVERYTHING}`);
    await page.getByText("Live", { exact: true }).waitFor();
    expect(misdeeds).toEqual([]);
  });

  test.each([360, 1280, 2560])("fits a window of %i pixels", async (width) => {
    const page = await newPage({ viewport: { width, height: 900 } });
    for (const [view, content] of Object.entries(VIEWS)) {
      await page.goto(`${dashboard.url}/#/${view}`);
      await page.locator(content).first().waitFor({ state: "attached" });
      const scrollWidth = await page.evaluate("document.documentElement.scrollWidth");
      expect({ view, scrollWidth }).toEqual({ view, scrollWidth: width });
    }
  });

  // A browser keeps six connections to a server.
  test("more pages of one browser than it has connections are all live", async () => {
    const { url, stop } = await startDashboard(lake);
    const context = await browser.newContext({ locale: "en-US" });
    onTestFinished(async () => {
      await context.close();
      await stop();
    });
    const pages = await Promise.all(Array.from({ length: 7 }, () => context.newPage()));
    for (const page of pages) await openPage(page, `${url}/#/?period=all`);
    for (const page of pages) await page.getByText("Live", { exact: true }).waitFor();
    // The one that all others hear from.
    await pages[0]!.close();
    await stop();
    await pages.at(-1)!.getByText("Connection lost").waitFor();
  });

  describe("while it is open", () => {
    const copyOfLake = lakeTemplate(async (template) => {
      await template.ingot("generate --ticks 48 --seed 12 --rows 20 --start 2026-03-01T00:00:00Z");
      await template.ingot("clean --once");
    }, 60_000);

    const startOwn = async (own: Lake, port?: number): Promise<RunningDashboard> => {
      const started = await startDashboard(own, port);
      onTestFinished(started.stop);
      return started;
    };

    test("new gold is shown within a second, also after the server was started again", async () => {
      const own = copyOfLake();
      await own.ingot("aggregate --once");
      const first = await startOwn(own);
      const page = await newPage();
      await openPage(page, `${first.url}/${EVERYTHING}`);
      const bring = async (seed: number): Promise<number> => {
        const before = Number((await cardsOf(page)).orders);
        await own.ingot(`generate --ticks 1 --seed ${seed} --rows 20 --start 2026-03-02T0${seed}:30:00Z`);
        await own.ingot("clean --once");
        const manifest = own.read("gold/latest/manifest.json");
        const aggregated = own.ingot("aggregate --once");
        await until("new gold", () => own.read("gold/latest/manifest.json") !== manifest, 20_000);
        const changedAt = performance.now();
        await expect
          .poll(async () => Number((await cardsOf(page)).orders) > before, { timeout: 10_000, interval: 20 })
          .toBe(true);
        const tookMs = performance.now() - changedAt;
        await aggregated;
        return tookMs;
      };
      expect(await bring(3)).toBeLessThan(1_000);

      const port = Number(new URL(first.url).port);
      await first.stop();
      await page.getByText("Connection lost").waitFor();
      const { orders } = await cardsOf(page);
      expect(orders).toBeGreaterThan(0);
      await startOwn(own, port);
      await page.getByText("Live", { exact: true }).waitFor();
      await bring(4);
    });

    test("a lake without data says what to do, and shows data when it comes", async () => {
      const own = temporaryLake();
      const { url } = await startOwn(own);
      const page = await newPage();
      await page.goto(url);
      await page.getByText("ingot import", { exact: false }).first().waitFor();
      await own.ingot("generate --ticks 24 --seed 13 --rows 20 --start 2026-03-01T00:00:00Z");
      await own.ingot("clean --once");
      await own.ingot("aggregate --once");
      await page.locator("[data-card=revenue] [data-value]").waitFor();

      // Stores appear as soon as there are some.
      expect(await page.getByRole("link", { name: "Stores" }).count()).toBe(0);
      const [published, latest] = [
        "gold/retail-stores/latest",
        path.join(own.folder, "gold/retail-stores/latest"),
      ];
      cpSync(path.join(lake.folder, published), latest, {
        recursive: true,
        filter: (file) => !file.endsWith("manifest.json"),
      });
      cpSync(path.join(lake.folder, published, "manifest.json"), path.join(latest, "manifest.json"));
      await page.getByRole("link", { name: "Stores" }).click();
      await page.locator("[data-store-card=revenue] [data-value]").waitFor();
    });
  });

  test.runIf(process.env.INGOT_TEST_SCREENSHOTS === "write")(
    "screenshots of the main views",
    { timeout: 300_000 },
    async () => {
      const shown = temporaryLake();
      await shown.ingot("generate --ticks 1464 --seed 5 --rows 30 --start 2026-01-01T00:00:00Z");
      await shown.ingot("clean --once");
      await shown.ingot("aggregate --once");
      await shown.ingot("generate retail-stores --from 2026-01-01 --to 2026-02-25 --seed 5 --clients 2000");
      await shown.ingot("run retail-stores");
      const { url, stop } = await startDashboard(shown, 8080);
      onTestFinished(stop);
      mkdirSync(SCREENSHOTS, { recursive: true });
      for (const [name, view, options] of [
        ["business", "", {}],
        ["business-dark", "", { colorScheme: "dark" }],
        ["business-narrow", "", { viewport: { width: 360, height: 800 } }],
        ["business-french", "", { locale: "fr-FR" }],
        ["stores", "stores", { locale: "fr-FR" }],
        ["stores-charts", "stores/charts?theme=revenue", { locale: "fr-FR" }],
        ["pipeline", "pipeline", {}],
        ["files", "files/gold/latest/sales_by_day.csv", {}],
        ["data", "data", {}],
      ] as const) {
        const page = await newPage({ viewport: { width: 1280, height: 900 }, ...options });
        await page.goto(`${url}/#/${view}`);
        // Charts come to rest.
        await page.waitForTimeout(3_000);
        await page
          .locator(".view-note.is-code")
          .evaluateAll((notes) => notes.map((note) => (note.textContent = "file:///srv/shop/lake")));
        await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), fullPage: true });
      }
    },
  );
});
