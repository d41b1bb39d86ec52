const NEEDS_QUOTES = /[",\r\n]/;

/**
 * One line of CSV as silver and gold have it (contract: e-commerce, section 2): RFC 4180 with commas, `\n` at its end,
 * quotes only where a value has a comma, a quote or a line end.
 */
export function csvLine(values: readonly string[]): string {
  // A lone empty value would be a blank line, which readers skip.
  if (values.length === 1 && values[0] === "") return '""\n';
  let line = "";
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (at > 0) line += ",";
    line += csvValue(value);
  }
  return `${line}\n`;
}

/** One value of such a line. */
export function csvValue(value: string): string {
  return NEEDS_QUOTES.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
