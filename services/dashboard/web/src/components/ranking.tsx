import { texts } from "../state/preferences.ts";

export interface Bar {
  name: string;
  value: number;
  /** Both already as the reader's text. */
  text: string;
  aside?: string;
}

interface Props {
  bars: readonly Bar[];
  summary: string;
  selected?: readonly string[];
  /** Absent where a click does nothing. */
  onPick?: (name: string) => void;
}

/** Bars with their names in them, the longest first; each may be a button that filters. */
export function Ranking({ bars, summary, selected = [], onPick }: Props) {
  const most = Math.max(...bars.map(({ value }) => value), 0) || 1;
  const t = texts.value.filters;
  return (
    <ol class="bars" aria-label={summary}>
      {bars.map((bar) => {
        const isChosen = selected.includes(bar.name);
        const share = { "--share": String(Math.max(0, bar.value) / most) };
        const content = (
          <>
            <span class="bar-fill" style={share} />
            <span class="bar-name">{bar.name}</span>
            <span class="bar-value">{bar.text}</span>
            {bar.aside && <span class="bar-aside">{bar.aside}</span>}
          </>
        );
        return (
          <li key={bar.name} class={`bar ${selected.length && !isChosen ? "is-pale" : ""}`}>
            {onPick ? (
              <button
                type="button"
                class="bar-row"
                aria-pressed={isChosen}
                title={isChosen ? t.unfilter(bar.name) : t.filterBy(bar.name)}
                onClick={() => onPick(bar.name)}
              >
                {content}
              </button>
            ) : (
              <div class="bar-row">{content}</div>
            )}
          </li>
        );
      })}
    </ol>
  );
}
