export * from "./lake-survey.ts";
export * from "./layer-count.ts";
