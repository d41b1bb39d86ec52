import { useMemo } from "preact/hooks";
import type { StorePoint, StoreStep } from "../../../../src/api/contract.ts";
import { Legend } from "../../charts/legend.tsx";
import type { Line, LinesInput } from "../../charts/lines.ts";
import { SERIES } from "../../charts/palette.ts";
import { Plot } from "../../charts/plot.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Panel } from "../../components/panel.tsx";
import { storeTexts } from "../../i18n/stores-texts.ts";
import type { Formats } from "../../lib/formats.ts";
import type { MetricForm, StoreChart } from "../../lib/store-charts.ts";
import { formats } from "../../state/preferences.ts";

/** Not by their colours alone. */
const MARKERS = ["circle", "rect", "triangle", "diamond"] as const;

interface Props {
  chart: StoreChart;
  step: StoreStep;
  points: readonly StorePoint[];
}

export function StoreChartPanel({ chart, step, points }: Props) {
  const t = storeTexts.value;
  const f = formats.value;
  const names = useMemo(() => points.map(({ period }) => nameOf(period, step, f)), [points, step, f]);
  const lines = chart.lines.map(({ metric, form, isRight }, place): Line => {
    return {
      id: metric,
      name: t.metrics[metric],
      values: points.map((point) => point[metric]),
      tone: SERIES[place]!,
      marker: MARKERS[place]!,
      ...(isRight && { isRight, isDashed: true }),
      format: formatOf(form, f),
    };
  });
  const input = useMemo<LinesInput>(() => {
    const right = chart.lines.find(({ isRight }) => isRight);
    return {
      labels: names.map(({ label }) => label),
      titles: names.map(({ title }) => title),
      lines,
      formatAxis: axisFormatOf(chart.lines[0]!.form, f),
      ...(right && { formatRight: axisFormatOf(right.form, f) }),
      isSigned: true,
    };
  }, [chart.name, points, names, f, t]);
  const title = t.charts[chart.name];
  return (
    <Panel
      id={`store-${chart.name}`}
      title={title}
      table={() => (
        <DataTable
          caption={title}
          rows={points}
          keyOf={({ period }) => period}
          isTall
          columns={[
            { title: t.period, cell: (point) => names[points.indexOf(point)]?.title },
            ...lines.map(({ name, values, format }) => ({
              title: name,
              isNumber: true,
              cell: (point: StorePoint) => {
                const value = values[points.indexOf(point)];
                return value === null || value === undefined ? "–" : format(value);
              },
            })),
          ]}
        />
      )}
    >
      <Legend keys={lines.map(({ tone, name, isDashed = false }) => ({ tone, name, isDashed }))} />
      <Plot input={input} summary={lines.map((line) => summaryOf(line, names)).join(" ")} />
    </Panel>
  );
}

function summaryOf({ name, values, format }: Line, names: readonly { title: string }[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return name;
  const most = Math.max(...known);
  return storeTexts.value.summary(name, format(most), names[values.indexOf(most)]?.title ?? "");
}

function nameOf(period: string, step: StoreStep, f: Formats): { label: string; title: string } {
  if (step === "day") return { label: f.dayShort(period), title: f.day(period) };
  const name = step === "month" ? f.month(`${period}-01`) : period;
  return { label: name, title: name };
}

function formatOf(form: MetricForm, f: Formats): (value: number) => string {
  return { count: f.integer, money: f.money, percent: f.rate }[form];
}

function axisFormatOf(form: MetricForm, f: Formats): (value: number) => string {
  return { count: f.short, money: f.moneyShort, percent: (value: number) => f.percent(value / 100) }[form];
}
