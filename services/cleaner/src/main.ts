import { runCommand } from "@ingot/common";
import { cleanCommand } from "./command.ts";

process.exitCode = await runCommand(cleanCommand, process.argv.slice(2));
