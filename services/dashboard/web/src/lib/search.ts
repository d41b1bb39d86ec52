/** Lower case without accents, so that `cafe` finds `Café`. */
export function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** What contains all words of a search; what begins with it comes first, the rest keeps its order. */
export function search<T extends { name: string }>(all: readonly T[], text: string): T[] {
  const wanted = fold(text).trim();
  if (!wanted) return [...all];
  const words = wanted.split(/\s+/);
  const found = all
    .map((item) => ({ item, name: fold(item.name) }))
    .filter(({ name }) => words.every((word) => name.includes(word)));
  const isFirst = ({ name }: { name: string }) => name.startsWith(wanted);
  return [...found.filter(isFirst), ...found.filter((one) => !isFirst(one))].map(({ item }) => item);
}
