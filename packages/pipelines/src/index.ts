export * from "./ecommerce/datasets.ts";
