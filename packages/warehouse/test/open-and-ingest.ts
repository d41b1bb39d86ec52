import { SqliteWarehouse } from "../src/index.ts";
import { order, orders, silver } from "./silver-rows.ts";

/** A process of its own for tests: opens the file and takes in one order under the given key. */
const [file = "", key = ""] = process.argv.slice(2);
const warehouse = SqliteWarehouse.open({ file, lakeUrl: "file:///lake" });
await warehouse.ingest([silver(orders(key, order(key)))]);
await warehouse.close();
