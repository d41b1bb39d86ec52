export * from "./sales-cube.ts";
