import {
  type Choice,
  type Figure,
  type FilterChoices,
  type PageRow,
  type PageSettings,
  type Period,
  SALES_TABLES,
  type SalesFilter,
  type SalesReport,
  type SalesRow,
  type VisitsRow,
} from "../../api/contract.ts";
import {
  count,
  day,
  type JsonSchema,
  listOf,
  named,
  number,
  objectOf,
  orNull,
  refTo,
  text,
} from "./schema.ts";

const MONEY = "In the currency of `/api/settings`, two decimals.";

export const settingsSchema = named(
  "PageSettings",
  objectOf<PageSettings>("What holds for all figures.", {
    version: text("The version of Ingot.", "0.1.0"),
    currency: text("ISO 4217.", "EUR"),
    business_timezone: text("IANA; days are days of this time zone.", "Europe/Paris"),
  }),
);

const choiceSchema = named(
  "Choice",
  objectOf<Choice>("A value to filter by.", { name: text(), revenue: number(`In all of history. ${MONEY}`) }),
);

export const choicesSchema = named(
  "FilterChoices",
  objectOf<FilterChoices>(
    "What sales can be filtered by.",
    {
      days: objectOf<{ first: string; last: string }>(
        "The first and the last day with sales or visits; absent where there are none.",
        { first: day(), last: day() },
      ),
      today: day("Today in the business time zone."),
      channels: listOf(refTo(choiceSchema), "The greatest revenue first."),
      countries: listOf(refTo(choiceSchema), "The greatest revenue first."),
      products: listOf(refTo(choiceSchema), "The greatest revenue first."),
    },
    ["days"],
  ),
);

const salesFilter = objectOf<SalesFilter>("What was asked for; an empty list means all.", {
  from: day(),
  to: day("Included."),
  channel: listOf(text()),
  country: listOf(text()),
  product: listOf(text()),
});

const figureSchema = named(
  "Figure",
  objectOf<Figure>("A figure and the one of the previous period; `null` where it does not exist.", {
    value: orNull(number()),
    previous: orNull(number()),
    change: orNull(number("(value - previous) / previous.")),
  }),
);

const salesOf = (name: string, schema: JsonSchema): JsonSchema =>
  objectOf<SalesRow & Record<string, unknown>>("Sales.", {
    [name]: schema,
    orders: count("Order lines."),
    quantity: number("Up to four decimals."),
    revenue: number(MONEY),
  });

const visitsRow = objectOf<VisitsRow>("The clicks of a day.", {
  date: day(),
  views: count("Clicks."),
  visitors: count("Different customers who clicked on this day."),
  buyers: count("Those of them who ordered on this day."),
  conversion: orNull(number("buyers / visitors.")),
});

const pageRow = objectOf<PageRow>("A page of the shop.", {
  page: text(),
  views: count(),
  visitors: count("Different customers who clicked there in the period."),
});

export const reportSchema = named(
  "SalesReport",
  objectOf<SalesReport>(
    "The business in a period, with a filter.",
    {
      filter: salesFilter,
      previous: objectOf<Period>("The period of the same length that ends the day before.", {
        from: day(),
        to: day(),
      }),
      revision: text("What it was computed from; another text whenever that changes."),
      cards: objectOf<SalesReport["cards"]>("The main figures.", {
        revenue: refTo(figureSchema),
        orders: refTo(figureSchema),
        average_order_value: refTo(figureSchema),
        customers: refTo(figureSchema),
        conversion: refTo(figureSchema),
      }),
      counting: number(
        "Share of the history that customers are counted in so far, 0 to 1; absent where it is all.",
      ),
      sales_by_day: listOf(salesOf("order_date", day()), "A row for each day, those without sales included."),
      previous_revenue_by_day: listOf(number(), "The revenue of each day of the previous period."),
      products: listOf(salesOf("product", text()), "The ten with the greatest revenue."),
      product_count: count("How many products were sold in all."),
      channels: listOf(salesOf("channel", text())),
      countries: listOf(salesOf("country", text())),
      visits_by_day: listOf(visitsRow, "A row for each day."),
      pages: listOf(pageRow, "The ten with the most views."),
      page_count: count("How many pages were viewed in all."),
    },
    ["counting"],
  ),
);

export const salesTableName: JsonSchema = {
  type: "string",
  enum: SALES_TABLES,
  description:
    "`sales_by_day` and `visits_by_day` have a row for each day of the period; `products`, `channels`, `countries` and " +
    "`pages` one for each with sales or views, the greatest first.",
  examples: ["products"],
};

export const salesSchemas = [settingsSchema, choiceSchema, choicesSchema, figureSchema, reportSchema];
