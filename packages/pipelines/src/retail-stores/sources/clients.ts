import type { SourceTable } from "@ingot/engine/batch";
import { ERROR, keyFault } from "./answers.ts";
import { given, wholeNumber } from "./written.ts";

const OLDEST = 120;
const GENDERS: Readonly<Record<string, string>> = { homme: "Homme", femme: "Femme" };
const CARDS: Readonly<Record<string, string>> = { true: "true", false: "false", 1: "true", 0: "false" };

/** Those who buy. Their names stay in bronze: nothing is reckoned from them, and they are personal. */
export const clients: SourceTable = {
  kind: "source",
  name: "clients",
  title: "the clients' list",
  files: /^clients?(?![a-z]).*$/i,
  example: "clients.json",
  fields: [
    { name: "id", aliases: ["client_id"], isRequired: true },
    { name: "age" },
    { name: "gender" },
    { name: "loyalty_card" },
    { name: "city" },
    ERROR,
  ],
  merge: "all",
  isOptional: true,
  columns: {
    id: "VARCHAR",
    age: "INTEGER",
    // An age was there, and cannot be one.
    is_age_invalid: "BOOLEAN",
    gender: "VARCHAR",
    loyalty_card: "BOOLEAN",
    city: "VARCHAR",
  },
  unique: { columns: ["id"], keep: "last" },
  checks: new URL("../silver/clients.yml", import.meta.url),
  measures: { invalid_ages: "select count(*) from clients where is_age_invalid" },
  rule:
    () =>
    ({ values: [idText, ageText, gender, card, city, error] }) => {
      const id = given(idText);
      if (id === undefined) return keyFault("id", error);
      const written = given(ageText);
      const age = possibleAge(written);
      const genderText = given(gender);
      return [
        id,
        age ?? null,
        String(written !== undefined && age === undefined),
        genderText === undefined ? null : (GENDERS[genderText.toLowerCase()] ?? genderText),
        CARDS[given(card)?.toLowerCase() ?? ""] ?? null,
        given(city) ?? null,
      ];
    },
};

function possibleAge(text: string | undefined): string | undefined {
  const age = wholeNumber(text);
  return age !== undefined && Number(age) >= 0 && Number(age) <= OLDEST ? age : undefined;
}
