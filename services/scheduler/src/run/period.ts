import { IngotError } from "@ingot/common";
import type { Pipeline } from "@ingot/engine/batch";

export interface Period {
  /** `2026-01-01`, inclusive. */
  from?: string;
  to?: string;
}

/** The days or months that `--from` and `--to` name. @throws IngotError `usage` */
export function periodOf(
  { name, periods }: Pipeline,
  given: { from: string | undefined; to: string | undefined },
): Period {
  if (given.from === undefined && given.to === undefined) return {};
  if (!periods) {
    throw new IngotError("usage", `Each run of ${name} is about everything: leave out --from and --to.`);
  }
  const from = given.from === undefined ? {} : { from: boundary("from", given.from, periods.kind, false) };
  const to = given.to === undefined ? {} : { to: boundary("to", given.to, periods.kind, true) };
  const period: Period = { ...from, ...to };
  if (period.from !== undefined && period.to !== undefined && period.from > period.to) {
    throw new IngotError("usage", `--from is ${given.from}, which is after --to ${given.to}.`);
  }
  return period;
}

function boundary(flag: string, text: string, kind: "day" | "month", isEnd: boolean): string {
  const example = kind === "month" ? "a month such as 2026-01, or a day of it" : "a day such as 2026-01-31";
  const wrong = new IngotError("usage", `--${flag} is "${text}". Allowed: ${example}.`);
  if (kind === "month" && /^\d{4}-\d{2}$/.test(text)) {
    const [year, month] = text.split("-").map(Number) as [number, number];
    if (month < 1 || month > 12) throw wrong;
    const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
    return `${text}-${isEnd ? last : "01"}`;
  }
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : new Date(Number.NaN);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== text) throw wrong;
  return text;
}
