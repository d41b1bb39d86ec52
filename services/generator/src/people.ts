import type { Faker } from "@faker-js/faker";
import { faker as da } from "@faker-js/faker/locale/da";
import { faker as de } from "@faker-js/faker/locale/de";
import { faker as en } from "@faker-js/faker/locale/en";
import { faker as es } from "@faker-js/faker/locale/es";
import { faker as fr } from "@faker-js/faker/locale/fr";
import { faker as it } from "@faker-js/faker/locale/it";
import { faker as nl } from "@faker-js/faker/locale/nl";
import { faker as pl } from "@faker-js/faker/locale/pl";
import { faker as pt } from "@faker-js/faker/locale/pt_PT";
import { faker as sv } from "@faker-js/faker/locale/sv";
import { type Random, Weighted } from "./random.ts";
import { seededFaker } from "./seeded-faker.ts";

const MS_PER_DAY = 86_400_000;

export interface Customer {
  id: string;
  firstName: string;
  lastName: string;
  email: string;
  country: string;
  signupMs: number;
}

interface Country {
  name: string;
  /** Of a thousand customers, roughly how many live there. */
  weight: number;
  /** Whose names people there have. */
  locale: Faker;
}

const COUNTRIES: readonly Country[] = [
  { name: "United Kingdom", weight: 290, locale: en },
  { name: "Germany", weight: 170, locale: de },
  { name: "France", weight: 130, locale: fr },
  { name: "Spain", weight: 80, locale: es },
  { name: "Netherlands", weight: 65, locale: nl },
  { name: "Italy", weight: 60, locale: it },
  { name: "United States", weight: 50, locale: en },
  { name: "Ireland", weight: 35, locale: en },
  { name: "Belgium", weight: 30, locale: fr },
  { name: "Poland", weight: 25, locale: pl },
  { name: "Sweden", weight: 20, locale: sv },
  { name: "Austria", weight: 16, locale: de },
  { name: "Portugal", weight: 12, locale: pt },
  { name: "Denmark", weight: 10, locale: da },
  { name: "Switzerland", weight: 7, locale: de },
];

const COUNTRY = new Weighted(COUNTRIES, ({ weight }) => weight);

/** Letters that Unicode does not take apart into a base letter and an accent. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  ø: "o",
  Ø: "O",
  æ: "ae",
  Æ: "Ae",
  œ: "oe",
  ł: "l",
  Ł: "L",
  đ: "d",
};

/** Makes up people, all of whose details come from the given streams. E-mail addresses are under example.com and such. */
export class People {
  private readonly fakers = new Map<Faker, Faker>();
  private random: Random | undefined;

  constructor() {
    for (const { locale } of COUNTRIES) {
      if (this.fakers.has(locale)) continue;
      this.fakers.set(
        locale,
        seededFaker(locale, () => this.random!.next()),
      );
    }
  }

  /** Somebody who signed up in the two years before `atMs`, most of them in the last days. */
  create(id: string, atMs: number, random: Random): Customer {
    this.random = random;
    const country = COUNTRY.pick(random);
    const faker = this.fakers.get(country.locale)!;
    const firstName = faker.person.firstName();
    const lastName = faker.person.lastName();
    const daysAgo = random.chance(0.6) ? random.int(3) : random.int(730);
    const email = this.address(firstName, lastName);
    return { id, firstName, lastName, email, country: country.name, signupMs: atMs - daysAgo * MS_PER_DAY };
  }

  /** Another e-mail address for the same person. */
  newEmail({ firstName, lastName, email }: Customer, random: Random): string {
    this.random = random;
    const address = this.address(firstName, lastName);
    return address === email ? address.replace("@", ".new@") : address;
  }

  /** A country that is not `current`. */
  newCountry(current: string, random: Random): string {
    for (;;) {
      const { name } = COUNTRY.pick(random);
      if (name !== current) return name;
    }
  }

  private address(firstName: string, lastName: string): string {
    const names = { firstName: plain(firstName), lastName: plain(lastName) };
    return this.fakers.get(en)!.internet.exampleEmail(names).toLowerCase();
  }
}

function plain(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .replace(/[^\x20-\x7e]/g, (letter) => PLAIN_LETTERS[letter] ?? "")
    .replace(/[ ']/g, "");
}
