import { createInterface } from "node:readline";
import { openSalesFeed } from "../src/index.ts";

/** A process of its own for tests: for each line, a file, how many orders a feed of it shows, or the error's code. */
for await (const file of createInterface({ input: process.stdin })) {
  try {
    console.info(openSalesFeed(file).snapshot((sales) => [...sales.orders(0)].length));
  } catch (error) {
    console.info((error as { code: string }).code);
  }
}
