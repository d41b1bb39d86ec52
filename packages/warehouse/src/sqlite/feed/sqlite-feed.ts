import type { SalesFeed, SalesSnapshot } from "../../feed.ts";
import { withSqliteErrors } from "../sqlite-errors.ts";
import { readSnapshot } from "./read-snapshot.ts";
import { createSnapshot } from "./sqlite-snapshot.ts";

/**
 * The feed of a warehouse file.
 *
 * @throws IngotError as `SalesFeed.snapshot`
 */
export function openSalesFeed(file: string): SalesFeed {
  const snapshot = <T>(read: (sales: SalesSnapshot) => T): T =>
    withSqliteErrors(
      file,
      () => readSnapshot(file, (database) => read(createSnapshot(database))),
      "warehouse_invalid",
    );
  snapshot(() => undefined);
  return { snapshot };
}
