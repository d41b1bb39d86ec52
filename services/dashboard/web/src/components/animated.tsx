import { useEffect, useRef, useState } from "preact/hooks";
import { prefersReducedMotion } from "../state/preferences.ts";

const DURATION_MS = 500;

/** A number that runs to its new value instead of jumping. */
export function Animated({ value, format }: { value: number; format: (value: number) => string }) {
  const [shown, setShown] = useState(value);
  const current = useRef(value);
  useEffect(() => {
    const from = current.current;
    if (from === value) return;
    if (prefersReducedMotion() || document.hidden) {
      current.current = value;
      setShown(value);
      return;
    }
    const start = performance.now();
    let frame = requestAnimationFrame(function step(time) {
      const done = Math.min(1, Math.max(0, (time - start) / DURATION_MS));
      current.current = done === 1 ? value : from + (value - from) * (1 - (1 - done) ** 3);
      setShown(current.current);
      if (done < 1) frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  }, [value]);
  return <>{format(shown)}</>;
}
