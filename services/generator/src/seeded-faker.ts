import type { Faker } from "@faker-js/faker";

/**
 * A locale's faker of one's own: those that the library exports are shared by the whole process, and loading its class by
 * the main entry would load all of its 70 locales.
 *
 * @param next draws a fraction: 0 or more, less than 1
 */
export function seededFaker(shared: Faker, next: () => number): Faker {
  const FakerClass = shared.constructor as typeof Faker;
  return new FakerClass({ locale: shared.rawDefinitions, randomizer: { next, seed: () => undefined } });
}
