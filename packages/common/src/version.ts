import { readFileSync } from "node:fs";

let known: string | undefined;

/** The version of the product that runs, as the repository's package.json has it: `0.1.0`. */
export function productVersion(): string {
  known ??= String(
    JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")).version,
  );
  return known;
}
