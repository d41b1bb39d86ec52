import { Cells, type Continuation } from "@ingot/engine";
import { DATASETS, type DatasetName } from "../datasets.ts";
import type { Person } from "./person.ts";
import { PersonEditor } from "./person-editor.ts";
import type { PersonText } from "./person-text.ts";

const JSON_FORM: Continuation = { format: { kind: "json-lines" }, header: undefined };
/** Nobody knows any more which columns the row had. */
const CSV_FORM: Continuation = { format: { kind: "csv", delimiter: "," }, header: undefined };

/**
 * A line of quarantine without the person; the same text where it has nothing of them.
 *
 * @param line without its line end
 */
export function forgetRejection(
  line: string,
  dataset: DatasetName,
  person: Person,
  text: PersonText,
): string {
  const editor = new PersonEditor(dataset, person, text);
  const rejection = rejectionOf(line);
  if (!rejection) {
    const bytes = Buffer.from(line);
    editor.rest(bytes);
    return bytes.toString("utf8");
  }
  const { raw, raw_base64: base64 } = rejection;
  const before = base64 === undefined ? Buffer.from(raw) : Buffer.from(base64, "base64");
  const after = withoutPerson(before, dataset, editor);
  if (after.equals(before)) return line;
  const bytes = base64 === undefined ? {} : { raw_base64: after.toString("base64") };
  return JSON.stringify({ ...rejection, raw: after.toString("utf8"), ...bytes });
}

function withoutPerson(raw: Buffer, dataset: DatasetName, editor: PersonEditor): Buffer {
  const fields = fieldsOf(raw);
  if (fields) {
    const { bronzeFields } = DATASETS[dataset];
    const cells = new Cells(bronzeFields.length);
    cells.set(bronzeFields.map((name) => fields[name]));
    return editor.record(cells, raw, JSON_FORM) ?? raw;
  }
  const copy = Buffer.from(raw);
  editor.piece(copy, /^\uFEFF?\s*[[{"]/.test(raw.toString("utf8")) ? JSON_FORM : CSV_FORM);
  editor.rest(copy);
  return copy;
}

function fieldsOf(raw: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(raw.toString("utf8").replace(/^\uFEFF/, ""));
    const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
    return isRecord ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

interface Rejection {
  raw: string;
  raw_base64?: string;
}

function rejectionOf(line: string): Rejection | undefined {
  try {
    const value = JSON.parse(line);
    return typeof value?.raw === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
