import type { Pipeline } from "@ingot/engine/batch";
import { amount } from "./amount.ts";
import { report } from "./deliverables/report.ts";
import { wines } from "./deliverables/wines.ts";
import { monthOf } from "./month.ts";
import { erp } from "./sources/erp.ts";
import { liaison } from "./sources/liaison.ts";
import { web } from "./sources/web.ts";

/** An online wine merchant reconciles its ERP with its web shop, month by month (contract: wine merchant). */
const wineMerchant: Pipeline = {
  name: "wine-merchant",
  summary: "Monthly reconciliation of the ERP with the web shop: revenue by product, premium wines.",
  periods: { kind: "month", monthOf },
  tables: [
    erp,
    liaison,
    web,
    {
      kind: "model",
      name: "dedup_web",
      from: ["clean_web"],
      sql: new URL("./silver/dedup_web.sql", import.meta.url),
      checks: new URL("./silver/dedup_web.yml", import.meta.url),
    },
    {
      kind: "model",
      name: "joined",
      from: ["clean_erp", "clean_liaison", "dedup_web"],
      sql: new URL("./silver/joined.sql", import.meta.url),
      checks: new URL("./silver/joined.yml", import.meta.url),
    },
    {
      kind: "model",
      name: "revenue",
      from: ["joined"],
      sql: new URL("./gold/revenue.sql", import.meta.url),
      checks: new URL("./gold/revenue.yml", import.meta.url),
      measures: { total: `select ${amount("coalesce(sum(revenue), 0)")} from revenue` },
    },
    {
      kind: "model",
      name: "premium",
      from: ["revenue"],
      sql: new URL("./gold/premium.sql", import.meta.url),
      checks: new URL("./gold/premium.yml", import.meta.url),
      measures: {
        premium: "select count(*) from premium where class = 'premium'",
        ordinary: "select count(*) from premium where class = 'ordinaire'",
      },
    },
  ],
  deliverables: [report, wines("vins_premium", "premium"), wines("vins_ordinaires", "ordinaire")],
  expected: /^expected\.ya?ml$/i,
  schedule: { cron: "0 9 15 * *", retries: { most: 2, delayMs: 300_000 }, timeoutMs: 3_600_000 },
};

export default wineMerchant;
