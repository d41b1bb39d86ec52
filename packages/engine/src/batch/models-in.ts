import type { ModelTable } from "./pipeline.ts";

/**
 * Declares models by their files: `gold/revenue` is the table `revenue`, made by `gold/revenue.sql`, with its checks in
 * `gold/revenue.yml`.
 *
 * @param pipeline the address of the pipeline's `pipeline.ts`, `import.meta.url`
 */
export function modelsIn(
  pipeline: string,
): (file: string, of: Pick<ModelTable, "from" | "day" | "measures" | "history">) => ModelTable {
  return (file, of) => ({
    kind: "model",
    name: file.slice(file.lastIndexOf("/") + 1),
    sql: new URL(`${file}.sql`, pipeline),
    checks: new URL(`${file}.yml`, pipeline),
    ...of,
  });
}
