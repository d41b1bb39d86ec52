import type { GoldTickRow } from "./gold-tick.ts";

const TITLE = "Gold brought up to date with 200 new orders";
const WIDTH = 760;
const HEIGHT = 440;
const AREA = { left: 78, right: 610, top: 56, bottom: 380 };
const LABEL_HEIGHT = 17;
const OURS = "#1f5fbf";
const PEERS = ["#c2571a", "#2e8b57", "#8a4fb0", "#7a6a1d"];

interface Scale {
  ticks: number[];
  at(value: number): number;
}

/**
 * Draws the median tick against the orders of history, both on logarithmic axes, as an SVG document.
 *
 * @throws RangeError where there are no rows
 */
export function plotTicks(rows: readonly GoldTickRow[]): string {
  if (rows.length === 0) throw new RangeError("no rows to draw");
  const x = decades(
    rows.map(({ orders }) => orders),
    AREA.left,
    AREA.right,
  );
  const y = decades(
    rows.map(({ medianMs }) => medianMs),
    AREA.bottom,
    AREA.top,
  );
  const series = Object.entries(Object.groupBy(rows, ({ who }) => who)).map(([who, of = []]) => ({
    who,
    points: of
      .toSorted((a, b) => a.orders - b.orders)
      .map(({ orders, medianMs }) => ({ x: x.at(orders), y: y.at(medianMs) })),
  }));
  const isOurs = (who: string): boolean => who === "ingot";
  const peers = series.map(({ who }) => who).filter((who) => !isOurs(who));
  const colour = (who: string): string => (isOurs(who) ? OURS : PEERS[peers.indexOf(who) % PEERS.length]!);
  const labels = spread(
    series.map(({ who, points }) => ({ who, x: points.at(-1)!.x + 10, y: points.at(-1)!.y + 4 })),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" fill="#333">`,
    `<title>${TITLE}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(AREA.left, 28, TITLE, `font-size="17" font-weight="600"`),
    ...x.ticks.flatMap((value) => [
      line(x.at(value), AREA.top, x.at(value), AREA.bottom),
      text(x.at(value), AREA.bottom + 20, orders(value), `text-anchor="middle"`),
    ]),
    ...y.ticks.flatMap((value) => [
      line(AREA.left, y.at(value), AREA.right, y.at(value)),
      text(AREA.left - 8, y.at(value) + 4, duration(value), `text-anchor="end"`),
    ]),
    text((AREA.left + AREA.right) / 2, HEIGHT - 14, "orders of history", `text-anchor="middle"`),
    text(
      18,
      (AREA.top + AREA.bottom) / 2,
      "median time of a tick",
      `text-anchor="middle" transform="rotate(-90 18 ${(AREA.top + AREA.bottom) / 2})"`,
    ),
    ...series.flatMap(({ who, points }) => curve(points, colour(who), isOurs(who))),
    ...labels.map(({ who, x, y }) =>
      text(x, y, who, `fill="${colour(who)}"${isOurs(who) ? ' font-weight="600"' : ""}`),
    ),
    "</svg>\n",
  ].join("\n");
}

/** A logarithmic scale over whole decades, with a tick for each. */
function decades(values: readonly number[], from: number, to: number): Scale {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
  const at = (value: number): number => from + ((Math.log10(value) - first) / (last - first)) * (to - from);
  return { ticks, at: (value) => Math.round(10 * at(value)) / 10 };
}

function curve(points: readonly { x: number; y: number }[], colour: string, isOurs: boolean): string[] {
  const path = points.map(({ x, y }) => `${x},${y}`).join(" ");
  const style = isOurs ? `stroke-width="3"` : `stroke-width="1" stroke-dasharray="4 4"`;
  return [
    `<polyline points="${path}" fill="none" stroke="${colour}" ${style}/>`,
    ...points.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="${isOurs ? 5 : 4}" fill="${colour}"/>`),
  ];
}

/** Moves labels down until none lies on another. */
function spread<T extends { y: number }>(labels: readonly T[]): T[] {
  let free = Number.NEGATIVE_INFINITY;
  return labels
    .toSorted((a, b) => a.y - b.y)
    .map((label) => {
      const y = Math.max(label.y, free);
      free = y + LABEL_HEIGHT;
      return { ...label, y };
    });
}

const line = (x1: number, y1: number, x2: number, y2: number): string =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#e3e3e3"/>`;

function text(x: number, y: number, content: string, attributes = ""): string {
  const escaped = content.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<text x="${x}" y="${y}" ${attributes}>${escaped}</text>`;
}

const orders = (count: number): string =>
  count >= 1e6 ? `${count / 1e6} million` : count.toLocaleString("en-US");

const duration = (ms: number): string => (ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`);
