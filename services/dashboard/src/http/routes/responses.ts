import type { TableFormat } from "../../downloads/table-file.ts";
import { errorSchema } from "../schemas/lake.ts";
import { type JsonSchema, type NamedSchema, refTo } from "../schemas/schema.ts";

const ERROR_BODY = { "application/json": { schema: refTo(errorSchema) } };

const ETAG = {
  headers: { ETag: { type: "string", description: "Send it as `If-None-Match` the next time." } },
};

interface Answers {
  /** It has an ETag. */
  isRevalidated?: boolean;
}

/** What an address answers, for its description. */
export function responses(content: JsonSchema, { isRevalidated = false }: Answers = {}): JsonSchema {
  return {
    200: isRevalidated ? { ...content, ...ETAG } : content,
    ...(isRevalidated
      ? { 304: { type: "null", description: "Nothing has changed since the ETag in `If-None-Match`." } }
      : {}),
    "4xx": { description: "The request is wrong, or not allowed.", content: ERROR_BODY },
    "5xx": { description: "It cannot be answered now.", content: ERROR_BODY },
  };
}

export function json(schema: NamedSchema, description: string, example?: unknown): JsonSchema {
  const more = example === undefined ? {} : { example };
  return { description, content: { "application/json": { schema: refTo(schema), ...more } } };
}

/** A table in one of its forms. @param example its first rows as CSV and as JSON */
export function file(
  format: TableFormat,
  rows: NamedSchema,
  example: { csv: string; json: unknown },
): JsonSchema {
  switch (format) {
    case "csv":
      return {
        description: "UTF-8, commas, a header, `\\n` at line ends, quotes where needed (RFC 4180).",
        content: { "text/csv": { schema: { type: "string" }, example: example.csv } },
      };
    case "json":
      return json(rows, "An array with an object for each row.", example.json);
    case "xlsx":
      return {
        description: "An Excel file of one sheet.",
        content: {
          "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
            schema: { type: "string", format: "binary" },
          },
        },
      };
  }
}
