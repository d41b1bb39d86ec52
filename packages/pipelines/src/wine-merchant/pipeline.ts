import { modelsIn, type Pipeline } from "@ingot/engine/batch";
import { amount } from "./amount.ts";
import { report } from "./deliverables/report.ts";
import { wines } from "./deliverables/wines.ts";
import { monthOf } from "./month.ts";
import { erp } from "./sources/erp.ts";
import { liaison } from "./sources/liaison.ts";
import { web } from "./sources/web.ts";

const model = modelsIn(import.meta.url);
const MINUTE = 60_000;

/** An online wine merchant reconciles its ERP with its web shop, month by month (contract: wine merchant). */
const wineMerchant: Pipeline = {
  name: "wine-merchant",
  summary: "Monthly reconciliation of the ERP with the web shop: revenue by product, premium wines.",
  periods: { kind: "month", monthOf },
  tables: [
    erp,
    liaison,
    web,
    model("silver/dedup_web", { from: ["clean_web"] }),
    model("silver/joined", { from: ["clean_erp", "clean_liaison", "dedup_web"] }),
    model("gold/revenue", {
      from: ["joined"],
      measures: { total: `select ${amount("coalesce(sum(revenue), 0)")} from revenue` },
    }),
    model("gold/premium", {
      from: ["revenue"],
      measures: {
        premium: "select count(*) from premium where class = 'premium'",
        ordinary: "select count(*) from premium where class = 'ordinaire'",
      },
    }),
  ],
  deliverables: [report, wines("vins_premium", "premium"), wines("vins_ordinaires", "ordinaire")],
  expected: /^expected\.ya?ml$/i,
  schedule: { cron: "0 9 15 * *", retries: { most: 2, delayMs: 5 * MINUTE }, timeoutMs: 60 * MINUTE },
};

export default wineMerchant;
