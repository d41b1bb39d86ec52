import { parseInstant } from "../../values/instants.ts";
import { textOf } from "../../values/text.ts";
import type { Fields, Outcome, RuleContext } from "./outcome.ts";

/**
 * A customer without name and e-mail (contract: e-commerce, section 2): what is left of them is a hash and two
 * initials. Of equal customer_ids the record that stands later stays.
 */
export function cleanCustomer(fields: Fields, context: RuleContext): Outcome {
  const customerId = textOf(fields.customer_id)?.trim();
  const country = textOf(fields.country)?.trim();
  if (customerId === undefined || country === undefined) return { reason: "invalid_text" };
  if (customerId === "") return { reason: "missing_customer_id" };
  const signup = parseInstant(fields.signup_date, context.zone);
  if (!signup) return { reason: "invalid_signup_date" };
  const email = (textOf(fields.email) ?? "").trim().toLowerCase();
  return {
    values: [
      customerId,
      email === "" ? "" : context.hashEmail(email),
      initial(fields.first_name),
      initial(fields.last_name),
      country === "" ? "NA" : country,
      signup.date,
    ],
    identity: customerId,
    version: "",
  };
}

/** The first character in upper case, accents included whether they are composed or not. */
function initial(name: unknown): string {
  const [first = ""] = (textOf(name) ?? "").trim().normalize("NFC");
  return first.toUpperCase();
}

/** Names the values of the bronze fields, given in their order. */
export const customerFields = (values: readonly unknown[]): Fields => ({
  customer_id: values[0],
  first_name: values[1],
  last_name: values[2],
  email: values[3],
  country: values[4],
  signup_date: values[5],
});
