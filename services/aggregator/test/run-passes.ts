import { Shop } from "./shop.ts";

/** A process of its own for tests: pass after pass over a shop's folder until it is killed. */
const aggregator = await new Shop(process.argv[2]).aggregator();
process.stdout.write("started\n");
const { signal } = new AbortController();
for (;;) {
  // The parent is writing silver at the same time; what it has not finished is for the next pass.
  await aggregator.pass(signal);
}
