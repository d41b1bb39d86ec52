export { type DatasetName, lineageName } from "./dataset-name.ts";
export type { LineageCheck, LineageDataset, RunData } from "./events.ts";
export { type LineageJob, NO_LINEAGE } from "./lineage.ts";
export { type ToldPass, toldPass } from "./told-pass.ts";
