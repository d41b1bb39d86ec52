import type { EChartsType } from "echarts/core";
import { useEffect, useRef } from "preact/hooks";
import { isDark, prefersReducedMotion } from "../state/preferences.ts";
import { type LinesInput, linesOption } from "./lines.ts";
import { readFont, readPalette } from "./palette.ts";
import { watchSelection } from "./selection.ts";

interface Props {
  input: LinesInput;
  /** One sentence with what the chart says. */
  summary: string;
  /** Called with the first and last point of a stretch that was drawn with the mouse, or of a click. */
  onSelect?: (first: number, last: number) => void;
}

/** A chart of lines. The library comes when the first one is on the page. */
export function Plot({ input, summary, onSelect }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const latest = useRef({ input, onSelect });
  latest.current = { input, onSelect };
  const dark = isDark.value;

  const draw = () => {
    const option = linesOption(latest.current.input, readPalette(), readFont(), prefersReducedMotion());
    // Of a point that may be gone.
    chart.current?.dispatchAction({ type: "hideTip" });
    chart.current?.setOption(option);
  };

  useEffect(() => {
    const element = box.current!;
    let isGone = false;
    let observer: ResizeObserver | undefined;
    let unwatch: (() => void) | undefined;
    void import("./echarts.ts").then(({ init }) => {
      if (isGone) return;
      chart.current = init(element);
      draw();
      observer = new ResizeObserver(() => chart.current?.resize());
      observer.observe(element);
      unwatch = watchSelection(chart.current, element, (first, last) =>
        latest.current.onSelect?.(first, last),
      );
    });
    return () => {
      isGone = true;
      observer?.disconnect();
      unwatch?.();
      chart.current?.dispose();
      chart.current = undefined;
    };
  }, []);
  useEffect(draw, [input, dark]);

  return (
    <div class={`plot ${onSelect ? "is-selectable" : ""}`}>
      <div class="plot-box" role="img" aria-label={summary} ref={box} />
    </div>
  );
}
