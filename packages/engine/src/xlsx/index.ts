export * from "./workbook.ts";
export * from "./write-workbook.ts";
