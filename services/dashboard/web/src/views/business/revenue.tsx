import { useMemo } from "preact/hooks";
import type { SalesReport } from "../../../../src/api/contract.ts";
import { Legend } from "../../charts/legend.tsx";
import type { LinesInput } from "../../charts/lines.ts";
import { Plot } from "../../charts/plot.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Panel } from "../../components/panel.tsx";
import { addDays } from "../../lib/dates.ts";
import { openEnds, type Stretch, sumOver } from "../../lib/steps.ts";
import { formats, texts } from "../../state/preferences.ts";
import { choices } from "../../state/store.ts";
import { namesOf, StepSwitch, step, stretches, zoom } from "./steps.tsx";

export function RevenuePanel({ report }: { report: SalesReport }) {
  const t = texts.value.business;
  const f = formats.value;
  const points = stretches.value;
  const days = report.sales_by_day;
  const open = useMemo(() => openEnds(points, step.value, choices.data.value?.today ?? ""), [points]);

  const figures = useMemo(
    () => ({
      revenue: sumOver(points, (index) => days[index]!.revenue),
      orders: sumOver(points, (index) => days[index]!.orders),
      quantity: sumOver(points, (index) => days[index]!.quantity),
      previous: sumOver(points, (index) => report.previous_revenue_by_day[index] ?? 0),
    }),
    [points, report],
  );
  const names = useMemo(() => namesOf(points), [points, f]);
  const input = useMemo<LinesInput>(
    () => ({
      ...names,
      formatAxis: f.moneyShort,
      lines: [
        {
          id: "revenue",
          name: t.current,
          values: figures.revenue,
          tone: "accent",
          hasArea: true,
          open,
          format: f.money,
        },
        {
          id: "previous",
          name: t.previous,
          nameAt: (index) => previousDays(report, points[index]),
          values: figures.previous,
          tone: "pale",
          format: f.money,
        },
      ],
    }),
    [figures, names, f, t, open],
  );

  const best = figures.revenue.indexOf(Math.max(...figures.revenue));
  const summary = t.revenueSummary(
    f.money(report.cards.revenue.value ?? 0),
    f.money(figures.revenue[best] ?? 0),
    names.titles[best] ?? "",
  );
  const table = () => (
    <DataTable
      caption={t.revenueBy[step.value]}
      rows={points}
      keyOf={(point) => point.from}
      columns={[
        { title: texts.value.common.date, cell: (point) => names.titles[points.indexOf(point)] },
        {
          title: t.revenue,
          isNumber: true,
          cell: (point) => f.money(figures.revenue[points.indexOf(point)]!),
        },
        {
          title: t.previous,
          isNumber: true,
          cell: (point) => f.money(figures.previous[points.indexOf(point)]!),
        },
        {
          title: t.orders,
          isNumber: true,
          cell: (point) => f.integer(figures.orders[points.indexOf(point)]!),
        },
        {
          title: t.quantity,
          isNumber: true,
          cell: (point) => f.decimal(figures.quantity[points.indexOf(point)]!),
        },
      ]}
    />
  );
  return (
    <Panel
      id="sales_by_day"
      class="is-revenue"
      title={t.revenueBy[step.value]}
      download="sales_by_day"
      table={table}
      isEmpty={report.cards.revenue.value === 0 && !report.cards.revenue.previous}
      actions={days.length > 14 && <StepSwitch />}
    >
      <Legend
        keys={[
          { tone: "accent", name: t.current },
          { tone: "pale", name: t.previous },
          ...(open.first || open.last ? [{ tone: "open" as const, name: t.incomplete }] : []),
        ]}
      />
      <Plot input={input} summary={summary} onSelect={(first, last) => zoom(points, first, last)} />
    </Panel>
  );
}

/** The days of the previous period that a point is compared with. */
function previousDays({ previous }: SalesReport, point: Stretch | undefined): string {
  if (!point) return "";
  return formats.value.days(addDays(previous.from, point.first), addDays(previous.from, point.last));
}
