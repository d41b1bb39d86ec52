export * from "./pipeline-view.ts";
