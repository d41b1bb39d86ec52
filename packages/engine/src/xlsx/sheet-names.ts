const MOST_CHARACTERS = 31;

const ILLEGAL = /[[\p{Cc}\p{Noncharacter_Code_Point}\ufffd][\[\]\/\\:*?]]/gv;
/** Excel keeps this one for itself. */
const TAKEN = "history";

/** The names as spreadsheets allow them: short, without certain characters, and no two alike but for capitals. */
export function legalSheetNames(names: readonly string[]): string[] {
  const taken = new Set([TAKEN]);
  return names.map((name) => {
    const legal = name.toWellFormed().replace(ILLEGAL, "_").trim().replace(/^'|'$/g, "_") || "_";
    const free = firstFree(legal, taken);
    taken.add(free.toLowerCase());
    return free;
  });
}

function firstFree(name: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count += 1) {
    const mark = count === 1 ? "" : ` (${count})`;
    const marked = cut(name, MOST_CHARACTERS - mark.length) + mark;
    if (!taken.has(marked.toLowerCase())) return marked;
  }
}

/** Without half a character at its end, nor an apostrophe, which may stand in the middle only. */
function cut(name: string, length: number): string {
  return name
    .slice(0, length)
    .toWellFormed()
    .replace(/['\ufffd]$/, "_");
}
