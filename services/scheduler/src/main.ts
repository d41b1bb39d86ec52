import { runCommand } from "@ingot/common";
import { scheduleCommand } from "./schedule-command.ts";

process.exitCode = await runCommand(scheduleCommand, process.argv.slice(2));
