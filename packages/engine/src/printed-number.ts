/** As JSON has numbers. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** True for a number as gold prints it; such a text can stand in JSON as it is. */
export function isPrintedNumber(text: string): boolean {
  return NUMBER.test(text);
}
