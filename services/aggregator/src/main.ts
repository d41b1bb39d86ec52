import { runCommand } from "@ingot/common";
import { aggregateCommand } from "./command.ts";

process.exitCode = await runCommand(aggregateCommand, process.argv.slice(2));
