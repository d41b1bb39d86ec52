/** A cell has no more characters. */
const MOST_CHARACTERS = 32_767;

/** What XML cannot carry or changes, or the writer leaves out; and what spreadsheets would read as such a code. */
const CODED = /[[\p{Cc}\p{Noncharacter_Code_Point}\ufffd]--[\t\n]]|_(?=x[0-9A-Fa-f]{4}_)/gv;

/** A text for a cell, its end cut off where a cell has no room. */
export function cellText(text: string): string {
  const coded = text.slice(0, MOST_CHARACTERS).toWellFormed().replace(CODED, codeOf);
  // The writer looks texts up in an object, where these are taken.
  return coded in Object.prototype ? codeOf(coded[0]!) + coded.slice(1) : coded;
}

/** Characters as spreadsheets read them from any text. */
function codeOf(characters: string): string {
  const units = Array.from({ length: characters.length }, (_, at) => characters.charCodeAt(at));
  return units.map((unit) => `_x${unit.toString(16).toUpperCase().padStart(4, "0")}_`).join("");
}
