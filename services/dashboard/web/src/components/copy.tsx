import { useEffect, useState } from "preact/hooks";
import { texts } from "../state/preferences.ts";
import { Icon } from "./icons.tsx";

/** A button that copies a text and says so. */
export function CopyButton({ text, label }: { text: string; label?: string }) {
  const [isDone, setDone] = useState(false);
  const t = texts.value.common;
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setDone(false), 1_600);
    return () => clearTimeout(timer);
  }, [isDone]);
  const copy = async () => {
    await copyText(text);
    setDone(true);
  };
  return (
    <button
      type="button"
      class={`icon-button ${isDone ? "is-done" : ""}`}
      aria-label={isDone ? t.copied : (label ?? t.copy)}
      title={isDone ? t.copied : t.copy}
      onClick={() => void copy()}
    >
      <Icon name={isDone ? "check" : "copy"} />
      <span class="hidden" role="status">
        {isDone ? t.copied : ""}
      </span>
    </button>
  );
}

/** The clipboard's own interface exists on secure pages only; a plain-HTTP host in a local network is none. */
async function copyText(text: string) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "hidden";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** A line of a program or an address, with its button. */
export function Code({ text, label }: { text: string; label?: string }) {
  return (
    <div class="code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} {...(label && { label })} />
    </div>
  );
}
