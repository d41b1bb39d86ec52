import type { SalesFeed, SalesSnapshot } from "../../feed.ts";
import { withSqliteErrors } from "../sqlite-errors.ts";
import { openSnapshot } from "./open-snapshot.ts";
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
      () => {
        const { database, close } = openSnapshot(file);
        try {
          return read(createSnapshot(database));
        } finally {
          close();
        }
      },
      "warehouse_invalid",
    );
  snapshot(() => undefined);
  return { snapshot };
}
