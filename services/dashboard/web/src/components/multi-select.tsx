import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import type { Choice } from "../../../src/api/contract.ts";
import { search } from "../lib/search.ts";
import { formats, texts } from "../state/preferences.ts";
import { Icon } from "./icons.tsx";
import { PopoverBody, usePopup } from "./popover.tsx";

interface Props {
  /** In the singular and the plural. */
  label: string;
  plural: string;
  choices: readonly Choice[];
  selected: readonly string[];
  onToggle: (name: string) => void;
  onClear: () => void;
}

/** So many options are drawn; the others are found by typing. */
const MOST = 100;

/** A button that opens a list to search in, of which any number can be chosen. */
export function MultiSelect(props: Props) {
  const { label, selected } = props;
  const popup = usePopup();
  const t = texts.value.filters;
  const summary =
    selected.length === 0 ? t.all : selected.length === 1 ? selected[0]! : t.chosen(String(selected.length));
  return (
    <div class="popup" ref={popup.root}>
      <button
        type="button"
        class={`field ${selected.length ? "is-active" : ""}`}
        ref={popup.button}
        aria-haspopup="listbox"
        aria-expanded={popup.isOpen}
        onClick={popup.toggle}
      >
        <span class="field-label">{label}</span>
        <span class="field-value">{summary}</span>
        <Icon name="chevron" />
      </button>
      {popup.isOpen && <Options {...props} />}
    </div>
  );
}

function Options({ plural, choices, selected, onToggle, onClear }: Props) {
  const id = useId();
  const t = texts.value.filters;
  const { moneyShort, integer } = formats.value;
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  // Chosen ones stand first when the list opens, and stay where they are while it is open.
  const ordered = useMemo(() => chosenFirst(choices, selected), [choices]);
  const found = useMemo(() => search(ordered, text), [ordered, text]);
  const shown = found.slice(0, MOST);

  useEffect(() => input.current?.focus(), []);
  useEffect(() => list.current?.children[active]?.scrollIntoView({ block: "nearest" }), [active]);

  const onKeyDown = (event: KeyboardEvent) => {
    const last = shown.length - 1;
    const next = {
      ArrowDown: Math.min(active + 1, last),
      ArrowUp: Math.max(active - 1, 0),
      PageDown: Math.min(active + 8, last),
      PageUp: Math.max(active - 8, 0),
    }[event.key];
    if (next !== undefined) setActive(next);
    else if (event.key === "Enter" && shown[active]) onToggle(shown[active].name);
    else return;
    event.preventDefault();
  };

  return (
    <PopoverBody class="options">
      <div class="options-search">
        <Icon name="search" />
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-label={t.search(plural)}
          placeholder={t.search(plural)}
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={shown[active] ? `${id}-${active}` : undefined}
          autocomplete="off"
          spellcheck={false}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div
        class="options-list"
        id={`${id}-list`}
        role="listbox"
        aria-multiselectable="true"
        aria-label={plural}
        ref={list}
      >
        {shown.map((choice, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the text field has the keyboard.
          // biome-ignore lint/a11y/useFocusableInteractive: as above.
          <div
            key={choice.name}
            id={`${id}-${index}`}
            role="option"
            class={`option ${index === active ? "is-current" : ""}`}
            aria-selected={selected.includes(choice.name)}
            onPointerDown={(event) => event.preventDefault()}
            onPointerMove={() => index !== active && setActive(index)}
            onClick={() => onToggle(choice.name)}
          >
            <span class="option-box">
              <Icon name="check" />
            </span>
            <span class="option-name">{choice.name}</span>
            <span class="option-value">{moneyShort(choice.revenue)}</span>
          </div>
        ))}
      </div>
      {shown.length === 0 && (
        <p class="options-note" role="status">
          {t.nothingFound}
        </p>
      )}
      {found.length > MOST && <p class="options-note">{t.moreFound(integer(found.length - MOST))}</p>}
      {selected.length > 0 && (
        <button type="button" class="options-clear" onClick={onClear}>
          {t.clear}
        </button>
      )}
    </PopoverBody>
  );
}

function chosenFirst(choices: readonly Choice[], selected: readonly string[]): Choice[] {
  const known = new Set(choices.map(({ name }) => name));
  return [
    ...choices.filter(({ name }) => selected.includes(name)),
    // A shared address may name what this lake does not have; it must be possible to take it away again.
    ...selected.filter((name) => !known.has(name)).map((name) => ({ name, revenue: 0 })),
    ...choices.filter(({ name }) => !selected.includes(name)),
  ];
}
