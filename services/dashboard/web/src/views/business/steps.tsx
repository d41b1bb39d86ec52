import { computed } from "@preact/signals";
import { Segmented } from "../../components/segmented.tsx";
import { defaultStep, STEPS, type Step, type Stretch, stretchesOf } from "../../lib/steps.ts";
import { formats, texts } from "../../state/preferences.ts";
import { business, goBusiness } from "../../state/route.ts";
import { report } from "../../state/store.ts";

/** How many days a point of the charts stands for: what the reader chose, else what suits the period. */
export const step = computed<Step>(
  () => business.value.step ?? defaultStep(report.data.value?.sales_by_day.length ?? 1),
);

/** The points of all charts over time. */
export const stretches = computed<Stretch[]>(() =>
  stretchesOf(report.data.value?.sales_by_day.map((row) => row.order_date) ?? [], step.value),
);

export function StepSwitch() {
  const t = texts.value.business.steps;
  return (
    <Segmented
      label={t.label}
      value={step.value}
      options={STEPS.map((value) => ({ value, text: t[value] }))}
      onChange={(value) => goBusiness({ step: value })}
    />
  );
}

/** The names of the points: short ones for an axis, full ones for a tooltip and a table. */
export function namesOf(points: readonly Stretch[]): { labels: string[]; titles: string[] } {
  const f = formats.value;
  const isMonth = step.value === "month";
  return {
    labels: points.map(({ from }) => (isMonth ? f.month(from) : f.dayShort(from))),
    titles: points.map(({ from, to }) => (from === to ? f.day(from) : f.days(from, to))),
  };
}

/** Narrows the period to a stretch of points. */
export function zoom(points: readonly Stretch[], first: number, last: number) {
  const [from, to] = [points[first]?.from, points[last]?.to];
  const isWhole = first === 0 && last === points.length - 1;
  if (!from || !to || isWhole || from === to) return;
  const { step: _, ...rest } = business.peek();
  goBusiness({ ...rest, period: { from, to } });
}
