import { createHash } from "node:crypto";
import type { Layer } from "../../object-names.ts";

/** Where a layer lies: a bucket of its own (the prefix is empty), or a folder of a bucket. */
export interface LayerPlace {
  layer: Layer;
  bucket: string;
  prefix: string;
}

/**
 * One lifecycle rule of a bucket, as the text that the store gave or is to be given. Rules of others are never parsed
 * further than their id: they go back as they came, extensions of the store's own included.
 */
export interface LifecycleRule {
  id: string;
  xml: string;
}

/** Days after which what was left of a broken upload goes; the store rounds up to the next midnight. */
const ABORT_DAYS = 1;

/** The rule that deletes objects, and versions that have been replaced, after so many days. */
export function expiryRule(place: LayerPlace, days: number): LifecycleRule {
  // Stores remove delete markers too once they are as old, where `Days` is given.
  const actions =
    element("Expiration", element("Days", days)) +
    element("NoncurrentVersionExpiration", element("NoncurrentDays", days));
  return rule(expiryId(place), place, actions);
}

/** The rule that removes the invisible parts of uploads that were broken off. */
export function abortRule(place: LayerPlace): LifecycleRule {
  const actions = element("AbortIncompleteMultipartUpload", element("DaysAfterInitiation", ABORT_DAYS));
  return rule(abortId(place), place, actions);
}

export const expiryId = (place: LayerPlace): string => `ingot-expire-${nameOf(place)}`;
export const abortId = (place: LayerPlace): string => `ingot-abort-uploads-${nameOf(place)}`;

/** The days after which a rule deletes objects; `undefined` for one that is switched off or does something else. */
export function expiryDays({ xml }: LifecycleRule): number | undefined {
  const facts = factsOf(xml);
  const days = Number(facts.get("Days"));
  return facts.get("Status") === "Enabled" && days > 0 ? days : undefined;
}

/** True where two rules say the same: stores give a rule back with its elements in another order. */
export function isSameRule(a: LifecycleRule, b: LifecycleRule): boolean {
  const text = ({ xml }: LifecycleRule): string => JSON.stringify([...factsOf(xml)].sort());
  return text(a) === text(b);
}

/** The rules of a configuration document. */
export function parseRules(document: string): LifecycleRule[] {
  // Rules do not nest, and stores send neither comments nor CDATA.
  return Array.from(document.matchAll(/<Rule\b[^>]*>.*?<\/Rule>/gs), ([xml]) => ({
    id: factsOf(xml).get("ID") ?? "",
    xml,
  }));
}

export function configurationOf(rules: readonly LifecycleRule[]): string {
  const content = rules.map(({ xml }) => xml).join("");
  return `<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</LifecycleConfiguration>`;
}

/** In a shared bucket several lakes may lie, each with rules of its own. */
function nameOf({ layer, prefix }: LayerPlace): string {
  const hash = createHash("sha256").update(prefix).digest("hex").slice(0, 8);
  return prefix === "" ? layer : `${layer}-${hash}`;
}

function rule(id: string, { prefix }: LayerPlace, actions: string): LifecycleRule {
  const filter = element("Filter", element("Prefix", escaped(prefix)));
  return { id, xml: element("Rule", element("ID", id) + filter + element("Status", "Enabled") + actions) };
}

const element = (name: string, content: string | number): string => `<${name}>${content}</${name}>`;

/** The elements of a rule that hold text, by name. In rules of ours no two have one name. */
function factsOf(xml: string): Map<string, string> {
  const found = xml.matchAll(/<(\w+)[^>]*>([^<]*[^<\s][^<]*)<\/\1>/g);
  return new Map(Array.from(found, ([, name = "", content = ""]) => [name, unescaped(content)]));
}

const escaped = (text: string): string =>
  text.replace(/[&<>\r\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hexadecimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal));
  });
}
