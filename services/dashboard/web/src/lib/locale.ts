export const LANGUAGES = ["en", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

export function isLanguage(text: string | null | undefined): text is Language {
  return (LANGUAGES as readonly (string | null | undefined)[]).includes(text);
}

/** The language of the texts: the first that the reader understands and that we have, else English. */
export function chooseLanguage(readers: readonly string[]): Language {
  return readers.map(languageOf).find(isLanguage) ?? "en";
}

/**
 * The locales of numbers and dates. Someone who reads German in Switzerland gets the texts in English, numbers as in
 * `de-CH`, and dates with English names of months in the order of Switzerland. Who switched to another language than the
 * browser's gets that language's own form.
 */
export function chooseLocales(
  language: Language,
  readers: readonly string[],
): { numbers: string; dates: string } {
  const own = readers.find((reader) => languageOf(reader) === language);
  const first = readers[0];
  if (first === undefined || isLanguage(languageOf(first))) {
    const locale = own ?? language;
    return { numbers: locale, dates: locale };
  }
  const { region } = new Intl.Locale(first);
  return { numbers: first, dates: own ?? (region ? `${language}-${region}` : language) };
}

function languageOf(locale: string): string {
  return locale.split("-")[0]!.toLowerCase();
}
