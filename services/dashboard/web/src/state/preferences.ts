import { computed, effect, signal } from "@preact/signals";
import type { PageSettings } from "../../../src/api/contract.ts";
import { DICTIONARIES } from "../i18n/texts.ts";
import { createFormats } from "../lib/formats.ts";
import { chooseLanguage, chooseLocales, isLanguage, type Language } from "../lib/locale.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const LANGUAGE_KEY = "ingot.language";
const THEME_KEY = "ingot.theme";

/** Storage may be forbidden; then the choice lasts as long as the page. */
function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key: string, value: string) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // As above.
  }
}

const savedLanguage = recall(LANGUAGE_KEY);
const savedTheme = recall(THEME_KEY);

export const language = signal<Language>(
  isLanguage(savedLanguage) ? savedLanguage : chooseLanguage(navigator.languages),
);
export const theme = signal<Theme>(THEMES.find((name) => name === savedTheme) ?? "system");
export const settings = signal<PageSettings>({ version: "", currency: "EUR", business_timezone: "UTC" });

export function setLanguage(value: Language) {
  language.value = value;
  remember(LANGUAGE_KEY, value);
}

export function setTheme(value: Theme) {
  theme.value = value;
  remember(THEME_KEY, value);
}

export const texts = computed(() => DICTIONARIES[language.value]);
export const formats = computed(() =>
  createFormats({
    ...chooseLocales(language.value, navigator.languages),
    currency: settings.value.currency,
  }),
);

const systemDark = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(systemDark.matches);
systemDark.addEventListener("change", (event) => {
  systemIsDark.value = event.matches;
});

export const isDark = computed(
  () => theme.value === "dark" || (theme.value === "system" && systemIsDark.value),
);

const reduced = matchMedia("(prefers-reduced-motion: reduce)");
export function prefersReducedMotion(): boolean {
  return reduced.matches;
}

effect(() => {
  const root = document.documentElement;
  root.lang = language.value;
  if (theme.value === "system") delete root.dataset.theme;
  else root.dataset.theme = theme.value;
});
