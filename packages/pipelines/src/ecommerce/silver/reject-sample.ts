import { type Cells, NUMBER, TEXT } from "@ingot/engine/records";
import { isUsable, unitsOf } from "../../values/text.ts";
import { DATASETS, type DatasetName } from "../datasets.ts";
import type { RejectReason } from "./rule.ts";

/** What was wrong in a rejected record, without anything that says who somebody is. */
export interface RejectSample {
  /** The bronze field. */
  field?: string | undefined;
  /** Letters as `a` and digits as `9`, but for dates and amounts. */
  value?: string | undefined;
}

const FIELDS: Partial<Record<RejectReason, string>> = {
  missing_customer_id: "customer_id",
  missing_order_id: "order_id",
  invalid_signup_date: "signup_date",
  invalid_order_ts: "order_ts",
  invalid_ts: "ts",
  invalid_ip: "ip",
  uncomputable_total: "total_amount",
};
const AMOUNTS = ["quantity", "unit_price", "total_amount"];
const TEXTS = ["customer_id", "order_id", "product", "channel", "country", "page"];
const DATES = ["signup_date", "order_ts", "ts"];

/** @param record as the rule has left it that gave the reason */
export function sampleOf(dataset: DatasetName, reason: RejectReason, record: Cells): RejectSample {
  const { bronzeFields } = DATASETS[dataset];
  const field = FIELDS[reason] ?? faultyField(bronzeFields, reason, record);
  if (field === undefined) return {};
  const at = bronzeFields.indexOf(field);
  const kind = record.kinds[at];
  const text = kind === TEXT || kind === NUMBER ? beginningOf(record, at) : "";
  return text === "" ? { field } : { field, value: shown(field, text) };
}

/** The field at fault, for reasons that several fields may give. */
function faultyField(fields: readonly string[], reason: RejectReason, record: Cells): string | undefined {
  if (reason === "invalid_text")
    return fields.find((name, at) => TEXTS.includes(name) && !isUsable(record, at));
  if (reason === "number_out_of_range")
    return fields.find((name, at) => AMOUNTS.includes(name) && unitsOf(record, at) === "out_of_range");
  return undefined;
}

const LONGEST_SHOWN = 40;
const ELLIPSIS = "...";
/** More than the longest that is shown has in UTF-8, with the blanks around it. */
const LOOKED_AT_BYTES = 256;

function beginningOf({ bytes, starts, ends }: Cells, at: number): string {
  const start = starts[at]!;
  return bytes.toString("utf8", start, Math.min(ends[at]!, start + LOOKED_AT_BYTES)).trim();
}

/**
 * Of this shape are dates, whatever their numbers: a year of four digits, month and day, maybe a time. No address, id, or
 * number of a telephone, a card or an insurance is: columns may be shifted, so that anything may stand in any field.
 */
const DAY = "(?:(?:19|20)\\d\\d([-/])\\d{1,2}\\1\\d{1,2}|\\d{1,2}([-/])\\d{1,2}\\2(?:19|20)\\d\\d)";
const TIME = "(?:[T ]\\d{1,2}:\\d\\d(?::\\d\\d(?:\\.\\d{1,6})?)?(?:Z|[+-]\\d\\d:\\d\\d)?)?";
const DATE = new RegExp(`^${DAY}${TIME}$`);
/** Cents, and fewer digits than an id or a number to be called has. */
const AMOUNT = /^-?\d{1,4}[.,]\d\d$/;

function shown(field: string, text: string): string | undefined {
  const form = DATES.includes(field) ? DATE : AMOUNTS.includes(field) ? AMOUNT : undefined;
  if (form?.test(text)) return text;
  const mask = masked(text);
  // Nobody could tell that from somebody's own.
  return mask === text ? undefined : mask;
}

/** No sample has this character, so that it can stand between them. */
export const SAMPLE_END = "~";

const LETTER = /[\p{L}\p{M}]/u;
const DIGIT = /\p{N}/u;

/** What a text looks like, without what it says: its letters, digits and punctuation. */
function masked(text: string): string {
  let mask = "";
  for (const character of text) {
    if (mask.length === LONGEST_SHOWN) return mask.slice(0, -ELLIPSIS.length) + ELLIPSIS;
    mask += character < "\x7f" ? MASKS[character.charCodeAt(0)] : maskOf(character);
  }
  return mask;
}

function maskOf(character: string): string {
  if (LETTER.test(character)) return "a";
  if (DIGIT.test(character)) return "9";
  return character >= " " && character < SAMPLE_END ? character : "?";
}

/** Those of ASCII's characters. */
const MASKS = Array.from({ length: 0x7f }, (_, code) => maskOf(String.fromCharCode(code)));
