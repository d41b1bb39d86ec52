import type { EChartsType } from "echarts/core";

/** Less than this is a click, in pixels. */
const CLICK = 5;

/** Lets a stretch of the horizontal axis be drawn with the mouse. Returns what ends that. */
export function watchSelection(
  chart: EChartsType,
  box: HTMLElement,
  onSelect: (first: number, last: number) => void,
): () => void {
  const band = document.createElement("div");
  band.className = "plot-band";
  box.after(band);
  let start: number | undefined;

  const pointAt = (x: number) => {
    const point = chart.convertFromPixel({ xAxisIndex: 0 }, x) as number;
    const [axis] = chart.getOption().xAxis as { data: unknown[] }[];
    return Math.min(Math.max(Math.round(point), 0), (axis?.data.length ?? 1) - 1);
  };
  const xOf = (event: PointerEvent) => event.clientX - box.getBoundingClientRect().left;

  const onDown = (event: PointerEvent) => {
    // Fingers scroll.
    if (event.pointerType !== "mouse" || event.button !== 0) return;
    start = xOf(event);
  };
  const onMove = (event: PointerEvent) => {
    if (start === undefined) return;
    const x = Math.min(Math.max(xOf(event), 0), box.clientWidth);
    band.style.left = `${Math.min(start, x)}px`;
    band.style.width = `${Math.abs(x - start)}px`;
    band.classList.toggle("is-shown", Math.abs(x - start) >= CLICK);
  };
  const onUp = (event: PointerEvent) => {
    if (start === undefined) return;
    const from = start;
    start = undefined;
    band.classList.remove("is-shown");
    const [first, last] = [pointAt(from), pointAt(xOf(event))].sort((a, b) => a - b) as [number, number];
    onSelect(first, last);
  };

  box.addEventListener("pointerdown", onDown);
  addEventListener("pointermove", onMove);
  addEventListener("pointerup", onUp);
  return () => {
    band.remove();
    box.removeEventListener("pointerdown", onDown);
    removeEventListener("pointermove", onMove);
    removeEventListener("pointerup", onUp);
  };
}
