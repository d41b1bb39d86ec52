import type { Tone } from "./palette.ts";

export interface LegendKey {
  tone: Tone | "open";
  name: string;
  isDashed?: boolean;
}

export function Legend({ keys }: { keys: readonly LegendKey[] }) {
  return (
    <ul class="legend">
      {keys.map(({ tone, name, isDashed }) => (
        <li key={tone}>
          <span class={`tip-key is-${tone} ${isDashed ? "is-dashed" : ""}`} />
          {name}
        </li>
      ))}
    </ul>
  );
}
