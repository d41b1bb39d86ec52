import type { Cells } from "@ingot/engine/records";
import { instantOf } from "../../values/instants.ts";
import { isIpv4 } from "../../values/ip-address.ts";
import { isUsable, trim } from "../../values/text.ts";
import type { RejectReason, RuleContext } from "./rule.ts";
import type { SilverRows } from "./silver-rows.ts";

/** The bronze fields, in their order. */
const CUSTOMER_ID = 0;
const PAGE = 1;
const IP = 2;
const TS = 3;

/** A click without its IP address (contract: e-commerce, section 2). Every click counts; none is a duplicate. */
export function cleanClick(
  click: Cells,
  silver: SilverRows,
  { zone }: RuleContext,
): RejectReason | undefined {
  if (!isUsable(click, CUSTOMER_ID) || !isUsable(click, PAGE)) return "invalid_text";
  trim(click, IP);
  if (!isIpv4(click, IP)) return "invalid_ip";
  const instant = instantOf(click, TS, zone);
  if (!instant) return "invalid_ts";
  trim(click, CUSTOMER_ID);

  silver.cell(click, CUSTOMER_ID);
  silver.cell(click, PAGE);
  silver.instant(instant);
  return undefined;
}
