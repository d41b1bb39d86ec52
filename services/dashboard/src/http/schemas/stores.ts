import {
  type Figure,
  STORE_STEPS,
  type StoreChoice,
  type StoreChoices,
  type StoreKpis,
  type StorePoint,
  type StoreSeries,
} from "../../api/contract.ts";
import {
  count,
  day,
  instant,
  type JsonSchema,
  listOf,
  named,
  number,
  objectOf,
  oneOf,
  orNull,
  text,
} from "./schema.ts";

const YEAR: JsonSchema = { type: "integer", minimum: 1, maximum: 9999 };
const MONTH: JsonSchema = { type: "integer", minimum: 1, maximum: 12 };
const STORE = text("The store's id; absent for all stores.");
const PERCENT = "In percent.";

export const storeChoicesSchema = named(
  "StoreChoices",
  objectOf<StoreChoices>(
    "What metrics of stores can be filtered by; nothing where gold has none.",
    {
      years: listOf(
        objectOf<StoreChoices["years"][number]>("A year with metrics.", {
          year: YEAR,
          months: listOf(MONTH),
        }),
        "The newest first.",
      ),
      stores: listOf(
        objectOf<StoreChoice>(
          "A store.",
          {
            id: text(),
            name: text("The id, where the list of stores does not have it."),
            location: text("Its city."),
          },
          ["location"],
        ),
        "By name.",
      ),
      today: day("Today in the business time zone."),
      updated_at: instant("When the metrics were published; absent where there are none."),
    },
    ["updated_at"],
  ),
);

const figure = (description: string): JsonSchema =>
  objectOf<Figure>(description, {
    value: orNull(number()),
    previous: orNull(number("Of the month before; `null` where it has no metrics.")),
    change: orNull(number("(value - previous) / previous.")),
  });

export const storeKpisSchema = named(
  "StoreKpis",
  objectOf<StoreKpis>(
    "A month of one store or of all, beside the month before.",
    {
      year: YEAR,
      month: MONTH,
      store: STORE,
      until_day: count(
        "Only days until this one count, in both months; absent where whole months are compared.",
      ),
      previous: objectOf<StoreKpis["previous"]>("The month before.", { year: YEAR, month: MONTH }),
      days: count("Days with metrics."),
      cards: objectOf<StoreKpis["cards"]>("The figures.", {
        visitors: figure("Visitors."),
        sales: figure("Transactions."),
        revenue: figure("Revenue."),
        cost: figure("Cost."),
        margin: figure("Revenue less cost."),
        conversion_rate: figure("Transactions in 100 visitors; 0 without visitors."),
        average_basket: figure("Revenue of a transaction; 0 without any."),
      }),
    },
    ["store", "until_day"],
  ),
);

const storePoint = objectOf<StorePoint>("Sums over stores and days, and rates of these sums.", {
  period: text("`2024`, `2024-Q1`, `2024-01` or `2024-01-31`."),
  total_visitors: number("Repaired hours may have decimals."),
  avg_visitors_last_4_weeks: number(),
  visitors_variation_vs_avg_4w_percent: orNull(number("A plain mean.")),
  total_transactions: number(),
  avg_sales_last_4_weeks: number(),
  transactions_variation_vs_avg_4w_percent: orNull(number("A plain mean.")),
  total_quantity: number(),
  total_revenue: number(),
  avg_revenue_last_4_weeks: number(),
  revenue_variation_vs_avg_4w_percent: orNull(number("A plain mean.")),
  total_cost: number(),
  total_margin: number(),
  conversion_rate: orNull(number(PERCENT)),
  avg_transaction_value: orNull(number()),
  transactions_amount_variation_vs_avg_4w_percent: orNull(number("A plain mean.")),
  revenue_per_visitor: orNull(number()),
  margin_per_visitor: orNull(number()),
});

export const storeSeriesSchema = named(
  "StoreSeries",
  objectOf<StoreSeries>(
    "Metrics of stores over time.",
    {
      step: oneOf(STORE_STEPS),
      store: STORE,
      year: YEAR,
      month: MONTH,
      points: listOf(storePoint, "In the order of time; stretches without metrics are left out."),
    },
    ["store", "year", "month"],
  ),
);

/** Rows of silver; which columns they have beyond those of the contract is silver's own. */
export const storeRecordsSchema = named("StoreRecords", {
  type: "array",
  description: "A record each, as silver has it.",
  items: { type: "object", additionalProperties: { type: ["string", "number", "boolean", "null"] } },
});

export const storeSchemas = [storeChoicesSchema, storeKpisSchema, storeSeriesSchema, storeRecordsSchema];
