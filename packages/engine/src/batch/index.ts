export * from "./deliverable.ts";
export {
  type InputObject,
  isTableFile,
  type PipelineInputs,
  pipelineInputs,
  sourcesOf,
  tableOf,
} from "./inputs.ts";
export * from "./pipeline.ts";
export { tableKey } from "./places.ts";
export { readPipelineManifest } from "./prune-history.ts";
export * from "./run-options.ts";
export * from "./run-pipeline.ts";
export * from "./run-record.ts";
export * from "./source-record.ts";
export * from "./table-files.ts";
