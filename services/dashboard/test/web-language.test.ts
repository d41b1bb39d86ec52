import { describe, expect, it } from "vitest";
import { en as batchEn } from "../web/src/i18n/batch-en.ts";
import { fr as batchFr } from "../web/src/i18n/batch-fr.ts";
import { en } from "../web/src/i18n/en.ts";
import { fr } from "../web/src/i18n/fr.ts";
import { en as storesEn } from "../web/src/i18n/stores-en.ts";
import { fr as storesFr } from "../web/src/i18n/stores-fr.ts";
import { createFormats } from "../web/src/lib/formats.ts";
import { chooseLanguage, chooseLocales } from "../web/src/lib/locale.ts";

/** Spaces that do not break, as Intl and French typography have them, as plain ones. */
const plain = (text: string) => text.replace(/[\u00a0\u202f\u2009]/g, " ");

describe("the texts", () => {
  type Text = string | ((...values: unknown[]) => string);
  const entries = (texts: object, path = ""): [string, Text][] =>
    Object.entries(texts).flatMap(([name, value]) =>
      typeof value === "object"
        ? entries(value, `${path}${name}.`)
        : [[path + name, value] as [string, Text]],
    );
  const english = entries({ page: en, stores: storesEn, batch: batchEn });
  const french = new Map(entries({ page: fr, stores: storesFr, batch: batchFr }));

  it("are there in both languages", () => {
    expect([...french.keys()].sort()).toEqual(english.map(([name]) => name).sort());
  });

  it("say the same values in both languages", () => {
    for (const [name, text] of english) {
      if (typeof text === "string") {
        expect(text.trim(), name).not.toBe("");
        expect(String(french.get(name)).trim(), name).not.toBe("");
        continue;
      }
      // Where a text has a number, it comes as the number and as its form.
      const values = ["«a»", "«b»", "«c»", "«d»"].slice(0, text.length);
      const shown = (said: string) => values.filter((value) => said.toLowerCase().includes(value));
      const translated = french.get(name) as typeof text;
      expect(shown(translated(...values)), name).toEqual(shown(text(...values)));
      expect(shown(text(...values)).length, name).toBeGreaterThan(0);
    }
  });

  it("know one from many", () => {
    expect([en.pipeline.objects(1, "1"), en.pipeline.objects(0, "0")]).toEqual(["1 object", "0 objects"]);
    expect([fr.pipeline.objects(1, "1"), fr.pipeline.objects(0, "0"), fr.pipeline.objects(2, "2")]).toEqual([
      "1 objet",
      "0 objet",
      "2 objets",
    ]);
  });
});

describe("the reader's language", () => {
  it("is the first that there is, else English", () => {
    expect(chooseLanguage(["fr-CA", "en"])).toBe("fr");
    expect(chooseLanguage(["de-CH", "fr", "en"])).toBe("fr");
    expect(chooseLanguage(["de-CH"])).toBe("en");
    expect(chooseLanguage([])).toBe("en");
  });

  it.each([
    ["en", ["en-GB"], { numbers: "en-GB", dates: "en-GB" }],
    ["en", ["de-CH", "de"], { numbers: "de-CH", dates: "en-CH" }],
    ["fr", ["de-CH", "fr-CH"], { numbers: "de-CH", dates: "fr-CH" }],
    ["fr", ["en-US", "en"], { numbers: "fr", dates: "fr" }],
    ["en", ["fr-FR", "en-GB"], { numbers: "en-GB", dates: "en-GB" }],
    ["en", [], { numbers: "en", dates: "en" }],
  ] as const)("%s of a browser with %j", (language, readers, locales) => {
    expect(chooseLocales(language, readers)).toEqual(locales);
  });
});

describe("numbers and dates", () => {
  const british = createFormats({ numbers: "en-GB", dates: "en-GB", currency: "EUR" });
  const french = createFormats({ numbers: "fr-FR", dates: "fr-FR", currency: "EUR" });
  const swiss = createFormats({ numbers: "de-CH", dates: "en-CH", currency: "CHF" });

  it("are in the reader's form", () => {
    expect(british.money(1234.5)).toBe("€1,234.50");
    expect(plain(french.money(1234.5))).toBe("1 234,50 €");
    expect(plain(swiss.money(1234.5))).toMatch(/^CHF 1.234\.50$/);
    expect(plain(french.change(-0.042))).toMatch(/^[-−]4,2 %$/);
    expect(british.change(0)).toBe("0.0%");
    expect(british.change(33.872)).toBe("+3,387%");
    expect(british.days("2026-11-03", "2026-11-09")).toMatch(/^3\s*[–-]\s*9 Nov 2026$/);
    expect(plain(french.day("2026-11-03"))).toBe("mar. 3 nov. 2026");
  });

  it("lose the cents in a headline where they do not matter", () => {
    expect(british.moneyBrief(9999.99)).toBe("€9,999.99");
    expect(british.moneyBrief(10_000.49)).toBe("€10,000");
    expect(british.moneyBrief(-12_345.6)).toBe("-€12,346");
  });

  it("of a currency without cents have none", () => {
    expect(createFormats({ numbers: "en-GB", dates: "en-GB", currency: "JPY" }).money(1234)).toMatch(
      /1,234$/,
    );
  });

  it("of calendar days do not depend on the machine's time zone", () => {
    expect(british.dayShort("2026-01-01")).toBe("1 Jan");
    expect(british.month("2026-12-31")).toBe("Dec 2026");
  });

  it("of times and sizes have a fitting unit", () => {
    expect(plain(french.ago(3.9))).toBe("il y a 3 s");
    expect(british.ago(-2)).toBe("now");
    expect(british.ago(7300)).toMatch(/^2 h.* ago$/);
    expect([british.bytes(0), british.bytes(999), british.bytes(48_211), british.bytes(2.41e9)]).toEqual([
      "0 bytes",
      "999 bytes",
      "48.2 kB",
      "2.4 GB",
    ]);
    expect(british.duration(312)).toMatch(/^5 min/);
  });
});
