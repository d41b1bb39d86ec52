import type { Cells } from "@ingot/engine/records";
import { instantOf } from "../../values/instants.ts";
import { isEmpty, isUsable, trim } from "../../values/text.ts";
import type { RejectReason, RuleContext } from "./rule.ts";
import type { SilverRows } from "./silver-rows.ts";

/** The bronze fields, in their order. */
const CUSTOMER_ID = 0;
const FIRST_NAME = 1;
const LAST_NAME = 2;
const EMAIL = 3;
const COUNTRY = 4;
const SIGNUP_DATE = 5;

/**
 * A customer without name and e-mail (contract: e-commerce, section 2): what is left of them is a hash and two
 * initials. Of equal customer_ids the record that stands later stays.
 */
export function cleanCustomer(
  customer: Cells,
  silver: SilverRows,
  { zone, emailHashes }: RuleContext,
): RejectReason | undefined {
  if (!isUsable(customer, CUSTOMER_ID) || !isUsable(customer, COUNTRY)) return "invalid_text";
  trim(customer, CUSTOMER_ID);
  if (isEmpty(customer, CUSTOMER_ID)) return "missing_customer_id";
  const signup = instantOf(customer, SIGNUP_DATE, zone);
  if (!signup) return "invalid_signup_date";
  trim(customer, EMAIL);
  trim(customer, COUNTRY);

  silver.cell(customer, CUSTOMER_ID);
  if (isEmpty(customer, EMAIL)) silver.text("");
  else silver.lowerCaseHash(customer, EMAIL, emailHashes);
  silver.text(initial(customer, FIRST_NAME));
  silver.text(initial(customer, LAST_NAME));
  if (isEmpty(customer, COUNTRY)) silver.text("NA");
  else silver.cell(customer, COUNTRY);
  silver.date(signup);
  silver.identify(CUSTOMER_ID);
  return undefined;
}

/** The first character in upper case, accents included whether they are composed or not. */
function initial(customer: Cells, field: number): string {
  const { bytes, starts, ends } = customer;
  const start = starts[field]!;
  const length = ends[field]! - start;
  if (length > 0 && isLetter(bytes[start]!) && (length === 1 || bytes[start + 1]! < FIRST_BEYOND_ASCII)) {
    return UPPER_CASE[bytes[start]!]!;
  }
  const [first = ""] = customer.text(field).trim().normalize("NFC");
  return first.toUpperCase();
}

const FIRST_BEYOND_ASCII = 0x80;
const UPPER_CASE = Array.from({ length: FIRST_BEYOND_ASCII }, (_, code) =>
  String.fromCharCode(code).toUpperCase(),
);

/** True for a letter of ASCII. */
const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
