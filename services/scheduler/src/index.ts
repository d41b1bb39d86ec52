export { BATCHES } from "./all-batches.ts";
export { runPipelineCommand } from "./run/run-command.ts";
export { runsCommand } from "./runs/runs-command.ts";
export { scheduleCommand } from "./schedule-command.ts";
export { runScheduler } from "./scheduler.ts";
