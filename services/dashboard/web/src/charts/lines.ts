import type { LineSeriesOption } from "echarts/charts";
import type { GridComponentOption, TooltipComponentOption } from "echarts/components";
import type { ComposeOption } from "echarts/core";
import { type Palette, type Tone, withOpacity } from "./palette.ts";

export type LinesOption = ComposeOption<LineSeriesOption | GridComponentOption | TooltipComponentOption>;

export interface Line {
  id: string;
  name: string;
  /** What it is called at one point, where that says more. */
  nameAt?: (index: number) => string;
  values: (number | null)[];
  tone: Tone;
  hasArea?: boolean;
  /** A mark at each point, of this form. */
  marker?: "circle" | "rect" | "triangle" | "diamond";
  isDashed?: boolean;
  /** Has an axis of its own, on the right. */
  isRight?: boolean;
  /** The first or the last value is not complete: the way to it is dashed. */
  open?: { first: boolean; last: boolean };
  format: (value: number) => string;
}

export interface LinesInput {
  /** Below the axis, and above a tooltip; one for each point. The first line is drawn on top. */
  labels: string[];
  titles: string[];
  lines: Line[];
  formatAxis: (value: number) => string;
  /** Of the axis on the right. */
  formatRight?: (value: number) => string;
  /** Values may lie below 0. */
  isSigned?: boolean;
  /** Axis from 0 to this at least, so that a flat line of small shares does not look dramatic. */
  least?: number;
}

/** Lines over time. */
export function linesOption(
  { labels, titles, lines, formatAxis, formatRight, least, isSigned }: LinesInput,
  palette: Palette,
  font: { fontFamily: string; fontSize: number },
  isStill: boolean,
): LinesOption {
  const isPoint = labels.length === 1;
  const axis = (format: (value: number) => string) => ({
    type: "value" as const,
    splitNumber: 4,
    axisLabel: { color: palette.text, formatter: format, margin: 10 },
    splitLine: { lineStyle: { color: palette.line } },
  });
  const left = {
    ...axis(formatAxis),
    ...(!isSigned && { min: 0 }),
    max: ({ max }: { max: number }) =>
      least !== undefined && max < least ? least : (null as unknown as number),
  };
  return {
    animation: !isStill,
    animationDuration: 300,
    animationDurationUpdate: 350,
    textStyle: font,
    grid: {
      left: 0,
      right: 16,
      top: 10,
      bottom: 6,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    xAxis: {
      type: "category",
      data: labels,
      boundaryGap: isPoint,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: palette.line } },
      axisLabel: {
        color: palette.text,
        hideOverlap: true,
        alignMinLabel: "left",
        // Otherwise it gives way to the next one.
        showMinLabel: true,
        margin: 10,
      },
      axisPointer: {
        lineStyle: { color: palette.text, width: 1, type: "solid", opacity: 0.5 },
        label: { show: false },
      },
    },
    yAxis: formatRight ? [left, { ...axis(formatRight), splitLine: { show: false } }] : left,
    tooltip: {
      trigger: "axis",
      confine: true,
      transitionDuration: 0.1,
      className: "chart-tip",
      // Everything about its looks is in the style sheet.
      backgroundColor: "transparent",
      borderWidth: 0,
      padding: 0,
      extraCssText: "box-shadow: none",
      formatter: (params) => tooltip(titles, lines, indexOf(params)),
    },
    series: lines.toReversed().flatMap((line) => seriesOf(line, palette, isPoint)),
  };
}

function indexOf(params: unknown): number {
  const first = Array.isArray(params) ? params[0] : params;
  return (first as { dataIndex: number }).dataIndex;
}

/** One series for each line, and dashed ones for ends that are not complete; empty where they are, so that series stay. */
function seriesOf(line: Line, palette: Palette, isPoint: boolean): LineSeriesOption[] {
  const color = palette[line.tone];
  const end = line.values.length - 1;
  const first = line.open?.first && end > 1 ? 1 : 0;
  const last = line.open?.last && end > 1 ? end - 1 : end;
  const isPale = line.tone === "pale";
  const part = (id: string, from: number, to: number, option: LineSeriesOption): LineSeriesOption => ({
    type: "line",
    id,
    name: line.name,
    color,
    showSymbol: isPoint || line.marker !== undefined,
    showAllSymbol: true,
    symbol: line.marker ?? "circle",
    symbolSize: 8,
    yAxisIndex: line.isRight ? 1 : 0,
    emphasis: { disabled: true },
    z: isPale ? 1 : 3,
    data:
      from < to || (isPoint && id === line.id)
        ? line.values.map((value, index) => (index >= from && index <= to ? value : null))
        : [],
    ...option,
  });
  const solid: LineSeriesOption = {
    lineStyle: {
      width: isPale ? 1.5 : 2,
      cap: "round",
      join: "round",
      ...(line.isDashed && { type: [6, 6] }),
    },
    ...(line.hasArea && { areaStyle: { color: fading(color) } }),
  };
  const dashed: LineSeriesOption = { lineStyle: { width: 2, type: [2, 5], cap: "round" } };
  return [
    part(line.id, first, last, solid),
    part(`${line.id}-first`, 0, first, dashed),
    part(`${line.id}-last`, last, end, dashed),
  ];
}

function fading(color: string) {
  return {
    type: "linear" as const,
    x: 0,
    y: 0,
    x2: 0,
    y2: 1,
    colorStops: [
      { offset: 0, color: withOpacity(color, 0.18) },
      { offset: 1, color: withOpacity(color, 0) },
    ],
  };
}

/** Elements with classes: the content security policy allows no style attributes in HTML. */
function tooltip(titles: string[], lines: Line[], index: number): HTMLElement {
  const root = element("div", "tip");
  root.append(element("p", "tip-title", titles[index]));
  for (const line of lines) {
    const value = line.values[index];
    if (value === undefined || value === null) continue;
    const row = element("p", "tip-row");
    row.append(
      element("span", `tip-key is-${line.tone} ${line.isDashed ? "is-dashed" : ""}`),
      element("span", "tip-name", line.nameAt?.(index) ?? line.name),
      element("span", "tip-value", line.format(value)),
    );
    root.append(row);
  }
  return root;
}

function element(name: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
