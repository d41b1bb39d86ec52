/*
 * What runs leave in gold, for those who read it and run nothing: a fraction of the package that runs pipelines.
 */

export { readPipelineManifest } from "./pipeline-manifest.ts";
export { type KnownRuns, newestRuns } from "./read-runs.ts";
export * from "./run-record.ts";
