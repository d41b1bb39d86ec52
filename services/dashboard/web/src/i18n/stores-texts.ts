import { computed } from "@preact/signals";
import { language } from "../state/preferences.ts";
import { en, type StoreTexts } from "./stores-en.ts";
import { fr } from "./stores-fr.ts";

/** Loaded with the view that they are of. */
export const storeTexts = computed<StoreTexts>(() => ({ en, fr })[language.value]);
