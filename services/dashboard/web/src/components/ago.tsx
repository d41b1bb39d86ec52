import { now } from "../state/clock.ts";
import { formats } from "../state/preferences.ts";

/** `3 s ago`, ticking. */
export function useAgo(): (at: string) => string {
  const time = now.value;
  const { ago } = formats.value;
  return (at) => ago((time - Date.parse(at)) / 1000);
}

export function Ago({ at, text = (ago) => ago }: { at: string; text?: (ago: string) => string }) {
  const ago = useAgo();
  return (
    <time dateTime={at} title={formats.value.moment(at)}>
      {text(ago(at))}
    </time>
  );
}
