/** A number for people: `12,345`. */
export const count = (value: number): string => value.toLocaleString("en-US");

/** A number of things: `1 record`, `2 records`. */
export const counted = (value: number, noun: string): string =>
  `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
