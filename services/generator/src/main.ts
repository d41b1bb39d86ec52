import { runCommand } from "@ingot/common";
import { generateCommand } from "./command.ts";

process.exitCode = await runCommand(generateCommand, process.argv.slice(2));
