import { SqliteWarehouse } from "../src/index.ts";
import { order, orders, silver } from "./silver-rows.ts";

/** A process of its own for tests: one rebuild after another over the given file, until it is killed. */
const warehouse = SqliteWarehouse.open({ file: process.argv[2] ?? "", lakeUrl: "file:///lake" });
process.stdout.write("started\n");
const rows = Array.from({ length: 2000 }, (_, index) => order(`O${index}`));
for (;;) await warehouse.rebuild([silver(orders("many", ...rows))]);
