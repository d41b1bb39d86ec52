import { texts } from "../../state/preferences.ts";

const PANELS = [
  "is-revenue",
  "is-channels",
  "is-conversion",
  "is-products",
  "is-countries",
  "is-visits",
  "is-pages",
] as const;

/** The places of everything, until it is there: nothing moves when it comes. */
export function BusinessSkeleton() {
  return (
    <div class="report" aria-busy="true">
      <p class="hidden" role="status">
        {texts.value.common.loading}
      </p>
      <div class="cards" aria-hidden="true">
        {["a", "b", "c", "d", "e"].map((key) => (
          <div key={key} class="card">
            <span class="bone is-label" />
            <span class="bone is-figure" />
            <span class="bone is-foot" />
          </div>
        ))}
      </div>
      <div class="grid" aria-hidden="true">
        {PANELS.map((name) => (
          <div key={name} class={`panel ${name}`}>
            <div class="panel-head">
              <span class="bone is-title" />
            </div>
            <div class="panel-body">
              <span class="bone is-block" />
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}
