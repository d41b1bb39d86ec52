import type { ApiError, KpiInfo, KpiList, ObjectListing, ObjectPreview } from "../../api/contract.ts";
import { API_ERRORS } from "../api-errors.ts";
import { count, instant, listOf, named, objectOf, oneOf, refTo, text, yesOrNo } from "./schema.ts";

export const BROWSED_LAYERS = ["silver", "gold"] as const;
export const COLUMN_TYPES = ["text", "date", "integer", "number", "money", "quantity"] as const;

const kpiSchema = named(
  "KpiInfo",
  objectOf<KpiInfo>("A KPI of gold.", {
    name: text(undefined, "sales_by_day"),
    columns: listOf(
      objectOf<KpiInfo["columns"][number]>("A column.", { name: text(), type: oneOf(COLUMN_TYPES) }),
    ),
    rows: count(),
    updated_at: instant("When its figures last changed."),
    csv: text("Where it is, below the server's own address.", "/api/kpis/sales_by_day.csv"),
    json: text(undefined, "/api/kpis/sales_by_day.json"),
    xlsx: text(undefined, "/api/kpis/sales_by_day.xlsx"),
  }),
);

export const kpiListSchema = named(
  "KpiList",
  objectOf<KpiList>("What is in gold.", { kpis: listOf(refTo(kpiSchema)) }),
);

/** Rows of a table; which columns they have is the table's own. */
export const tableRowsSchema = named("TableRows", {
  type: "array",
  description: "A row each. Amounts have two decimals, `null` is what does not exist.",
  items: { type: "object", additionalProperties: { type: ["string", "number", "null"] } },
});

export const listingSchema = named(
  "ObjectListing",
  objectOf<ObjectListing>(
    "A folder of the lake, up to 500 entries.",
    {
      layer: oneOf(BROWSED_LAYERS),
      prefix: text("The folder, with a slash at its end; empty at the top."),
      folders: listOf(text(), "Names of folders, with a slash at the end."),
      objects: listOf(
        objectOf<ObjectListing["objects"][number]>("An object.", {
          key: text(),
          size: count("Bytes."),
          modified: instant(),
          can_preview: yesOrNo(),
        }),
      ),
      next: text("Pass it as `after` for what follows; absent at the end."),
    },
    ["next"],
  ),
);

export const previewSchema = named(
  "ObjectPreview",
  objectOf<ObjectPreview>(
    "An object's first rows, or the beginning of its text.",
    {
      layer: oneOf(BROWSED_LAYERS),
      key: text(),
      size: count("Bytes."),
      modified: instant(),
      metadata: { type: "object", additionalProperties: text() },
      columns: listOf(text()),
      rows: listOf(listOf(text()), "At most 50."),
      text: text(),
      is_cut: yesOrNo("There is more than what is shown."),
    },
    ["columns", "rows", "text"],
  ),
);

export const errorSchema = named(
  "ApiError",
  objectOf<ApiError>("Every answer with a status of 400 and above.", {
    error: objectOf<ApiError["error"]>(
      "What went wrong.",
      {
        code: oneOf(Object.keys(API_ERRORS), "A fixed name."),
        message: text("What happened and what to do."),
        parameter: text("The parameter at fault.", "from"),
      },
      ["parameter"],
    ),
  }),
);

export const lakeSchemas = [
  kpiSchema,
  kpiListSchema,
  tableRowsSchema,
  listingSchema,
  previewSchema,
  errorSchema,
];
