import { useState } from "preact/hooks";
import type { KpiInfo } from "../../../../src/api/contract.ts";
import { Code } from "../../components/copy.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { addressOf } from "../../state/api.ts";
import { texts } from "../../state/preferences.ts";

const TOOLS = [
  { value: "powerbi", text: "Power BI" },
  { value: "excel", text: "Excel" },
  { value: "grafana", text: "Grafana" },
  { value: "curl", text: "curl" },
] as const;
type Tool = (typeof TOOLS)[number]["value"];

interface Props {
  kpis: readonly KpiInfo[];
  kpi: KpiInfo;
  onChoose: (name: string) => void;
}

/** How each tool reads a KPI, ready to be copied. */
export function Tools({ kpis, kpi, onChoose }: Props) {
  const t = texts.value.data;
  const [tool, setTool] = useState<Tool>("powerbi");
  return (
    <section class="panel tools" aria-labelledby="tools-title" data-panel="tools">
      <header class="panel-head">
        <h2 id="tools-title">{t.use}</h2>
        <Segmented label={t.tools} value={tool} options={TOOLS} onChange={setTool} />
        <label class="select">
          <span class="hidden">{t.kpi}</span>
          <select value={kpi.name} onChange={(event) => onChoose(event.currentTarget.value)}>
            {kpis.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </header>
      <p>{t.steps[tool]}</p>
      <Code text={recipeOf(tool, kpi)} label={t.copyAddress(kpi.name)} />
    </section>
  );
}

const POWER_QUERY_TYPES: Record<KpiInfo["columns"][number]["type"], string> = {
  text: "type text",
  date: "type date",
  integer: "Int64.Type",
  number: "type number",
  money: "Currency.Type",
  quantity: "type number",
};

function recipeOf(tool: Tool, kpi: KpiInfo): string {
  const address = addressOf(kpi.csv);
  if (tool === "curl")
    return `curl --remote-name --etag-save ${kpi.name}.etag --etag-compare ${kpi.name}.etag \\\n  ${address}`;
  if (tool !== "powerbi") return address;
  const types = kpi.columns.map(({ name, type }) => `{"${name}", ${POWER_QUERY_TYPES[type]}}`).join(", ");
  return [
    "let",
    `  Source = Csv.Document(Web.Contents("${address}"), [Delimiter = ",", Encoding = 65001]),`,
    "  Rows = Table.PromoteHeaders(Source, [PromoteAllScalars = true]),",
    `  Typed = Table.TransformColumnTypes(Rows, {${types}}, "en-US")`,
    "in",
    "  Typed",
  ].join("\n");
}
