const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
const words = (name: string): string[] =>
  name
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);

/** Words that many names have. */
const COMMON = new Set(["id", "name", "date", "ts", "no", "nr"]);

/** True where two names probably mean the same: `orderId` and `order_id`, `qty` and `quantity`, `e-mail` and `email`. */
export function areSimilar(one: string, two: string): boolean {
  const [a, b] = [plain(one), plain(two)].sort((x, y) => x.length - y.length) as [string, string];
  if (a === "") return false;
  if (a === b || isAbbreviation(a, b) || distance(a, b) <= Math.floor(b.length / 4)) return true;
  const others = new Set(words(two));
  return words(one).some((word) => word.length > 1 && others.has(word) && !COMMON.has(word));
}

/** True where `short` has letters of `long` in their order, the first one included. */
function isAbbreviation(short: string, long: string): boolean {
  if (short.length < 2 || short[0] !== long[0]) return false;
  let at = 0;
  for (const letter of long) if (letter === short[at]) at++;
  return at === short.length;
}

/** How many letters have to be changed, added or taken away (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
