/** The SQL of a decimal number as text: with two decimals, and more only where it has more. */
export const amount = (sql: string): string =>
  `regexp_replace(cast(${sql} as varchar), '(\\.\\d{2}\\d*?)0+$', '\\1')`;
