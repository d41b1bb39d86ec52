import { textHash } from "../../values/text-hash.ts";
import { DATASETS, type DatasetName } from "../datasets.ts";
import { HASH_DIGITS } from "../silver/rule-context.ts";
import { comparableEmail, type Person } from "./person.ts";
import type { PersonText } from "./person-text.ts";

/** What silver has of an e-mail address. */
export const emailHash = (email: string, key: string | undefined): string =>
  textHash(key)(comparableEmail(email)).slice(0, HASH_DIGITS);

const PERSONAL = ["email_h", "first_initial", "last_initial"];

/**
 * A silver row without the person: as the cleaner makes it of a bronze record without them. The same array where the row
 * has nothing of them.
 */
export function forgetSilverRow(
  row: readonly string[],
  dataset: DatasetName,
  { customers }: Person,
  text: PersonText,
): readonly string[] {
  const columns = DATASETS[dataset].silverColumns;
  const id = row[columns.indexOf("customer_id")];
  const pseudonym = customers.find((customer) => customer.id === id)?.pseudonym;
  const forgotten = row.map((value, at) => {
    const column = columns[at]!;
    if (column === "page") return withoutText(value, pseudonym !== undefined, text);
    if (pseudonym === undefined) return value;
    if (column === "customer_id") return pseudonym;
    return PERSONAL.includes(column) ? "" : value;
  });
  return forgotten.every((value, at) => value === row[at]) ? row : forgotten;
}

function withoutText(value: string, isOwn: boolean, text: PersonText): string {
  const bytes = Buffer.from(value);
  if (isOwn) text.mask(bytes);
  else text.maskEmails(bytes);
  return bytes.toString("utf8");
}
