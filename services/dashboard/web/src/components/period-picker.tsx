import { useState } from "preact/hooks";
import type { Period } from "../../../src/api/contract.ts";
import { type PeriodChoice, PRESETS } from "../lib/periods.ts";
import { formats, texts } from "../state/preferences.ts";
import { Icon } from "./icons.tsx";
import { PopoverBody, usePopup } from "./popover.tsx";

interface Props {
  choice: PeriodChoice;
  /** The days that the choice stands for at present. */
  period: Period;
  onChange: (choice: PeriodChoice) => void;
}

export function PeriodPicker({ choice, period, onChange }: Props) {
  const popup = usePopup();
  const t = texts.value.filters;
  const days = formats.value.days(period.from, period.to);
  const pick = (picked: PeriodChoice) => {
    onChange(picked);
    popup.close();
  };
  return (
    <div class="popup" ref={popup.root}>
      <button
        type="button"
        class="field"
        ref={popup.button}
        aria-haspopup="dialog"
        aria-expanded={popup.isOpen}
        onClick={popup.toggle}
      >
        <Icon name="calendar" />
        <span class="field-label hidden">{t.period}</span>
        {typeof choice === "string" && <span class="field-strong">{t.presets[choice]}</span>}
        <span class={typeof choice === "string" ? "field-value field-days" : "field-strong"}>{days}</span>
        <Icon name="chevron" />
      </button>
      {popup.isOpen && (
        <PopoverBody class="periods">
          <div role="dialog" aria-label={t.period}>
            <ul class="periods-list">
              {PRESETS.map((preset) => (
                <li key={preset}>
                  <button type="button" aria-pressed={preset === choice} onClick={() => pick(preset)}>
                    {t.presets[preset]}
                    <Icon name="check" />
                  </button>
                </li>
              ))}
            </ul>
            <OwnPeriod period={period} onApply={pick} />
          </div>
        </PopoverBody>
      )}
    </div>
  );
}

function OwnPeriod({ period, onApply }: { period: Period; onApply: (period: Period) => void }) {
  const t = texts.value.filters;
  const [from, setFrom] = useState(period.from);
  const [to, setTo] = useState(period.to);
  return (
    <form
      class="periods-own"
      onSubmit={(event) => {
        event.preventDefault();
        if (from && to) onApply(from <= to ? { from, to } : { from: to, to: from });
      }}
    >
      <p class="periods-title">{t.custom}</p>
      <label>
        <span>{t.from}</span>
        <input type="date" required value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
      </label>
      <label>
        <span>{t.to}</span>
        <input type="date" required value={to} onInput={(event) => setTo(event.currentTarget.value)} />
      </label>
      <button type="submit" class="button is-primary">
        {t.apply}
      </button>
    </form>
  );
}
