export * from "./deliverable.ts";
export { parseExpectations } from "./expectations.ts";
export {
  byArrival,
  type InputObject,
  isTableFile,
  type PipelineInputs,
  pipelineInputs,
  sourcesOf,
  tableOf,
} from "./inputs.ts";
export { modelsIn } from "./models-in.ts";
export { openPieces } from "./open-pieces.ts";
export * from "./pipeline.ts";
export { tableKey } from "./places.ts";
export * from "./read-records.ts";
export * from "./run-options.ts";
export * from "./run-pipeline.ts";
export * from "./runs.ts";
export * from "./source-record.ts";
export * from "./table-files.ts";
