import type { DatasetName } from "@ingot/pipelines";
import { forgetRejection } from "@ingot/pipelines/forgetting";
import { linesOf } from "../quarantine/rejected-records.ts";
import type { Search } from "./bronze.ts";

/** Rejected records of the person in the body of an object in quarantine. */
export async function countRejections(
  body: AsyncIterable<Uint8Array>,
  dataset: DatasetName,
  search: Search,
): Promise<number> {
  let records = 0;
  for await (const line of linesOf(body)) if (withoutPerson(line, dataset, search) !== line) records += 1;
  return records;
}

/** The body of an object in quarantine without the person, for one whose bronze object is gone. */
export async function* forgottenRejections(
  body: AsyncIterable<Uint8Array>,
  dataset: DatasetName,
  search: Search,
): AsyncGenerator<Uint8Array> {
  for await (const line of linesOf(body)) yield Buffer.from(`${withoutPerson(line, dataset, search)}\n`);
}

/** Most lines are somebody else's, and need not be taken apart. */
function withoutPerson(line: string, dataset: DatasetName, { person, text }: Search): string {
  const isEncoded = line.includes('"raw_base64"') || line.includes("\\\\");
  const isOther = !isEncoded && !text.mayName(Buffer.from(line));
  return isOther ? line : forgetRejection(line, dataset, person, text);
}

export const QUARANTINE_TYPE = "application/x-ndjson";
