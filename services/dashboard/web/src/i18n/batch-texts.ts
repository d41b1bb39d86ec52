import { computed } from "@preact/signals";
import { language } from "../state/preferences.ts";
import { type BatchTexts, en } from "./batch-en.ts";
import { fr } from "./batch-fr.ts";

/** Loaded with the panels that they are of. */
export const batchTexts = computed<BatchTexts>(() => ({ en, fr })[language.value]);
