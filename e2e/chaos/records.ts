import { readFileSync } from "node:fs";
import path from "node:path";
import Papa from "papaparse";

/** How many records a bronze file of the generator has, counted without the product's readers: good and bad ones. */
export function countRecords(file: string): number {
  const content = readFileSync(file, "utf8");
  switch (path.extname(file)) {
    case ".json":
      return (JSON.parse(content) as unknown[]).length;
    case ".csv":
      return Papa.parse(content, { header: true, skipEmptyLines: true }).data.length;
    default:
      return countLines(content);
  }
}

export const countLines = (content: string): number =>
  content.split("\n").filter((line) => line.trim() !== "").length;
