import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

interface Props<T extends string> {
  /** Begins the ids of the tabs and of their panel. */
  id: string;
  label: string;
  tabs: readonly { value: T; text: string }[];
  value: T;
  onChange: (value: T) => void;
  children: ComponentChildren;
}

/** Tabs for the keyboard as ARIA has them, and what the chosen one shows. */
export function Tabs<T extends string>({ id, label, tabs, value, onChange, children }: Props<T>) {
  const list = useRef<HTMLDivElement>(null);
  const choose = (place: number) => {
    const at = (place + tabs.length) % tabs.length;
    onChange(tabs[at]!.value);
    list.current?.querySelectorAll("button")[at]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = tabs.findIndex((tab) => tab.value === value);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(next);
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} ref={list} tabIndex={-1} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab.value}
            type="button"
            role="tab"
            id={`${id}-${tab.value}`}
            aria-selected={tab.value === value}
            aria-controls={`${id}-panel`}
            tabIndex={tab.value === value ? 0 : -1}
            onClick={() => onChange(tab.value)}
          >
            {tab.text}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`}>
        {children}
      </div>
    </>
  );
}
