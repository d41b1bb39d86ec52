/** What `ingot import` adds to the name of a file whose name is taken by other content. */
const IMPORT_MARK = /-[0-9a-f]{8}(?:-\d{8}T\d{6})?(?=\.)/;
const DAY = /\d{4}-\d{2}-\d{2}/;

/**
 * The name of a day's file, such as `sales_2024-01-01.json`: where it comes again, wherever it lies, the day is replaced
 * (contract: retail stores, 9). Files of other names add to the days whose rows they have.
 */
export function dayFileOf(key: string): string | undefined {
  const name = key.slice(key.lastIndexOf("/") + 1).replace(IMPORT_MARK, "");
  return DAY.test(name) ? name.replace(/\.gz$/, "") : undefined;
}
