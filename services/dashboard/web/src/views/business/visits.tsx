import { useMemo } from "preact/hooks";
import type { SalesReport } from "../../../../src/api/contract.ts";
import { Legend } from "../../charts/legend.tsx";
import type { LinesInput } from "../../charts/lines.ts";
import { Plot } from "../../charts/plot.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Panel } from "../../components/panel.tsx";
import { type Stretch, sumOver } from "../../lib/steps.ts";
import { formats, texts } from "../../state/preferences.ts";
import { business } from "../../state/route.ts";
import { choices } from "../../state/store.ts";
import { namesOf, step, stretches, zoom } from "./steps.tsx";

/**
 * The figures of each point. Visitors are counted once a day, so those of several days must not be added up as if they
 * were different people: a longer step shows the mean of its days.
 */
function figuresOf(report: SalesReport, points: readonly Stretch[]) {
  const days = report.visits_by_day;
  const sum = (figure: "views" | "visitors" | "buyers") =>
    sumOver(points, (index) => days[index]?.[figure] ?? 0);
  const [views, visitors, buyers] = [sum("views"), sum("visitors"), sum("buyers")];
  const mean = (sums: number[]) => sums.map((total, index) => total / lengthOf(points[index]!));
  return {
    views: mean(views),
    visitors: mean(visitors),
    buyers: mean(buyers),
    conversion: visitors.map((all, index) => (all === 0 ? null : buyers[index]! / all)),
  };
}

function lengthOf({ first, last }: Stretch): number {
  return last - first + 1;
}

function useVisits(report: SalesReport) {
  const points = stretches.value;
  const f = formats.value;
  const figures = useMemo(() => figuresOf(report, points), [report, points]);
  const names = useMemo(() => namesOf(points), [points, f]);
  const isToday = report.visits_by_day.at(-1)?.date === choices.data.value?.today;
  // Means of days that are over are complete, however few days they are of.
  const open = useMemo(
    () => ({ first: false, last: isToday && step.value === "day" }),
    [isToday, step.value],
  );
  const table = (caption: string) => () => {
    const t = texts.value.business;
    const column = (title: string, values: number[]) => ({
      title,
      isNumber: true,
      cell: (index: number) => f.integer(values[index]!),
    });
    return (
      <DataTable
        caption={caption}
        rows={points.map((_, index) => index)}
        keyOf={(index) => index}
        columns={[
          { title: texts.value.common.date, cell: (index) => names.titles[index] },
          column(t.views, figures.views),
          column(t.visitors, figures.visitors),
          column(t.buyers, figures.buyers),
          {
            title: t.conversion,
            isNumber: true,
            cell: (index) => {
              const share = figures.conversion[index];
              return share === null || share === undefined ? "–" : f.percent(share);
            },
          },
        ]}
      />
    );
  };
  return {
    points,
    figures,
    names,
    open,
    table,
    isEmpty: report.visits_by_day.every(({ views }) => views === 0),
  };
}

/** Visits are counted together with customers; until that is done there are none. */
export function countingText({ counting }: SalesReport): string | undefined {
  return counting === undefined ? undefined : texts.value.business.counting(formats.value.percent(counting));
}

export function VisitsPanel({ report }: { report: SalesReport }) {
  const t = texts.value.business;
  const f = formats.value;
  const { points, figures, names, open, table, isEmpty } = useVisits(report);
  const input = useMemo<LinesInput>(
    () => ({
      ...names,
      formatAxis: f.short,
      lines: [
        {
          id: "views",
          name: t.views,
          values: figures.views,
          tone: "second",
          hasArea: true,
          open,
          format: f.integer,
        },
        {
          id: "visitors",
          name: t.visitors,
          values: figures.visitors,
          tone: "accent",
          open,
          format: f.integer,
        },
      ],
    }),
    [figures, names, f, t, open],
  );
  const title = t.visitsBy[step.value];
  const isPartlyFiltered = business.value.channel.length + business.value.product.length > 0;
  const summary = t.visitsSummary(
    f.integer(Math.max(...figures.views)),
    f.integer(Math.max(...figures.visitors)),
  );
  return (
    <Panel
      id="visits_by_day"
      class="is-visits"
      title={title}
      note={isPartlyFiltered && t.visitsNote}
      download="visits_by_day"
      table={table(title)}
      isEmpty={isEmpty}
      emptyText={countingText(report)}
    >
      <Legend
        keys={[
          { tone: "second", name: t.views },
          { tone: "accent", name: t.visitors },
        ]}
      />
      <Plot input={input} summary={summary} onSelect={(first, last) => zoom(points, first, last)} />
    </Panel>
  );
}

export function ConversionPanel({ report }: { report: SalesReport }) {
  const t = texts.value.business;
  const f = formats.value;
  const { points, figures, names, open, table, isEmpty } = useVisits(report);
  const input = useMemo<LinesInput>(
    () => ({
      ...names,
      formatAxis: f.percent,
      least: 0.02,
      lines: [
        {
          id: "conversion",
          name: t.conversion,
          values: figures.conversion,
          tone: "accent",
          hasArea: true,
          open,
          format: f.percent,
        },
      ],
    }),
    [figures, names, f, t, open],
  );
  const title = t.conversionBy[step.value];
  const visitors = report.visits_by_day.reduce((sum, day) => sum + day.visitors, 0);
  const buyers = report.visits_by_day.reduce((sum, day) => sum + day.buyers, 0);
  const best = Math.max(...figures.conversion.map((share) => share ?? 0));
  return (
    <Panel
      id="conversion"
      class="is-conversion"
      title={title}
      note={t.conversionNote}
      download="visits_by_day"
      table={table(title)}
      isEmpty={isEmpty}
      emptyText={countingText(report)}
    >
      <Plot
        input={input}
        summary={t.conversionSummary(f.percent(visitors ? buyers / visitors : 0), f.percent(best))}
        onSelect={(first, last) => zoom(points, first, last)}
      />
    </Panel>
  );
}
