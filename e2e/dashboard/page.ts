import type { Page } from "playwright-core";
import type { FilterChoices, SalesReport } from "../../services/dashboard/src/api/contract.ts";
import type { RunningDashboard } from "./shop.ts";

/** The panels of the business view. */
export const PANELS = [
  "sales_by_day",
  "channels",
  "products",
  "countries",
  "visits_by_day",
  "pages",
  "conversion",
] as const;
export type PanelName = (typeof PANELS)[number];

/** All of the shop's days, so that a test does not depend on today. */
export const EVERYTHING = "#/?period=all";

/** Opens a view and waits until its figures are there. */
export async function openPage(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator("[data-card=customers] [data-value]").waitFor();
}

/** The figures on the cards, as numbers. */
export async function cardsOf(page: Page): Promise<Record<string, number>> {
  const cards = await page.locator("[data-card]").all();
  const values = cards.map(async (card) => [
    await card.getAttribute("data-card"),
    Number(await card.locator("[data-value]").getAttribute("data-value")),
  ]);
  return Object.fromEntries(await Promise.all(values));
}

/** What each panel says to somebody who does not see it: the chart's sentence, or the bars' texts. */
export async function panelTexts(page: Page): Promise<Record<PanelName, string>> {
  const texts = PANELS.map(async (name) => {
    const panel = page.locator(`[data-panel=${name}]`);
    const charts = await panel.locator("[role=img]").all();
    const sentences = await Promise.all(charts.map((chart) => chart.getAttribute("aria-label")));
    const lists = await panel.locator("ol").allTextContents();
    return [name, [...sentences, ...lists].join("\n")];
  });
  return Object.fromEntries(await Promise.all(texts));
}

/** The shop's days from the first to the last, as a query. */
export async function everything({ get }: RunningDashboard): Promise<string> {
  const { days } = await get<FilterChoices>("/api/filters");
  return `from=${days?.first}&to=${days?.last}`;
}

export type { SalesReport };
