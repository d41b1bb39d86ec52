import { createLogger, systemClock } from "@ingot/common";
import { openSalesCube } from "../src/cube/index.ts";

/** A process that asks a warehouse file's cube, closes it, and should end by itself. */
const file = process.argv[2]!;
const logger = createLogger({ logLevel: "warn", logFormat: "json" }, "test");
const cube = openSalesCube({ file, timezone: "UTC", clock: systemClock, logger });
const limits = { timeoutMs: 600_000 };
const codeOf = ({ code }: { code: string }): string => code;
const { channels } = await cube.choices(limits);
const waiting = cube.choices(limits).catch(codeOf);
await cube.close();
console.info(channels[0]!.name, await waiting, await cube.choices(limits).catch(codeOf));
