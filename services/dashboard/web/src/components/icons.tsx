/** Icons of 16 pixels that say nothing by themselves: a text stands beside each, or in its button's label. */
const PATHS = {
  calendar:
    "M3 5.5h10M5.5 2v2M10.5 2v2M4 3.5h8a1 1 0 0 1 1 1V12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V4.5a1 1 0 0 1 1-1Z",
  chevron: "m4.5 6.5 3.5 3 3.5-3",
  close: "m4.5 4.5 7 7m0-7-7 7",
  table: "M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 3.5v9",
  chart: "M2.5 12.5 6 8l3 2.5 4.5-6.5",
  download: "M8 2.5v7m-3-2.5 3 3 3-3M3 13h10",
  check: "m3.5 8.5 3 3 6-7",
  copy: "M6 6h7v7H6zM3.5 10H3V3h7v.5",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm3.5-1 3 3",
  sun: "M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.8.8M11.8 11.8l.8.8M3.4 12.6l.8-.8M11.8 4.2l.8-.8",
  moon: "M13 9.3A5.5 5.5 0 0 1 6.7 3a5.5 5.5 0 1 0 6.3 6.3Z",
  auto: "M2.5 3.5h11v7h-11zM6 13h4M8 10.5V13",
  folder: "M2 4.5a1 1 0 0 1 1-1h3l1.5 1.5H13a1 1 0 0 1 1 1V12a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1Z",
  file: "M4 2h5l3 3v9H4zM9 2v3h3",
  up: "M8 12.5v-9m-3.5 3L8 3l3.5 3.5",
  down: "M8 3.5v9m-3.5-3L8 13l3.5-3.5",
  right: "m6.5 4.5 3 3.5-3 3.5",
  left: "m9.5 4.5-3 3.5 3 3.5",
  warn: "M8 6v3.5m0 2v.2M8 2.5 14 13H2Z",
  offline: "M2 6.5a9 9 0 0 1 12 0M4.5 9a5.5 5.5 0 0 1 7 0M8 12v.2M2.5 2.5l11 11",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.5",
  lock: "M4 7.5h8V13H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  external: "M6.5 3.5h-3v9h9v-3M9 3h4v4M13 3 7.5 8.5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, class: className = "" }: { name: IconName; class?: string }) {
  return (
    <svg class={`icon ${className}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M9 9h14l6 14H3z" fill="#c8962e" />
      <path d="M9 9h14l-2.4 5.2H11.4z" fill="#f0cf7a" />
      <path d="M3 23 9 9l2.4 5.2z" fill="#dcb04c" />
      <path d="m29 23-6-14-2.4 5.2z" fill="#a97a1c" />
    </svg>
  );
}
