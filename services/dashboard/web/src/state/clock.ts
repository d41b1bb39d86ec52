import { signal } from "@preact/signals";

/** Now, in milliseconds; ticks every second while the page is visible. */
export const now = signal(Date.now());

let timer: ReturnType<typeof setInterval> | undefined;

export function startClock() {
  const tick = () => {
    now.value = Date.now();
  };
  const update = () => {
    clearInterval(timer);
    if (document.hidden) return;
    tick();
    timer = setInterval(tick, 1_000);
  };
  document.addEventListener("visibilitychange", update);
  update();
}
