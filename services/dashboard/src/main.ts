import { runCommand } from "@ingot/common";
import { dashboardCommand } from "./command.ts";

process.exitCode = await runCommand(dashboardCommand, process.argv.slice(2));
