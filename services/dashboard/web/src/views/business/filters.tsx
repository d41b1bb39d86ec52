import type { FilterChoices } from "../../../../src/api/contract.ts";
import { Icon } from "../../components/icons.tsx";
import { MultiSelect } from "../../components/multi-select.tsx";
import { PeriodPicker } from "../../components/period-picker.tsx";
import { periodOf } from "../../lib/periods.ts";
import { DIMENSIONS } from "../../lib/routes.ts";
import { texts } from "../../state/preferences.ts";
import { business, filterCount, goBusiness, NO_FILTERS, toggleFilter } from "../../state/route.ts";

const PLURALS = { channel: "channels", country: "countries", product: "products" } as const;

export function Filters({ choices }: { choices: FilterChoices }) {
  const t = texts.value.filters;
  const { period } = business.value;
  return (
    <section class="filters" aria-label={t.label}>
      <div class="filters-row">
        <PeriodPicker
          choice={period}
          period={periodOf(period, choices)}
          onChange={(picked) => goBusiness({ period: picked })}
        />
        {DIMENSIONS.map((dimension) => (
          <MultiSelect
            key={dimension}
            label={t[dimension]}
            plural={t[PLURALS[dimension]]}
            choices={choices[PLURALS[dimension]]}
            selected={business.value[dimension]}
            onToggle={(name) => toggleFilter(dimension, name)}
            onClear={() => goBusiness({ [dimension]: [] })}
          />
        ))}
      </div>
      {filterCount.value > 0 && <Chips />}
    </section>
  );
}

function Chips() {
  const t = texts.value.filters;
  const chips = DIMENSIONS.flatMap((dimension) =>
    business.value[dimension].map((name) => ({ dimension, name })),
  );
  return (
    <ul class="chips" aria-label={t.active}>
      {chips.map(({ dimension, name }) => (
        <li key={`${dimension}/${name}`}>
          <button
            type="button"
            class="chip"
            aria-label={t.remove(`${t[dimension]} ${name}`)}
            onClick={() => toggleFilter(dimension, name)}
          >
            <span class="chip-kind">{t[dimension]}</span>
            <span class="chip-name">{name}</span>
            <Icon name="close" />
          </button>
        </li>
      ))}
      <li>
        <button type="button" class="link" onClick={() => goBusiness(NO_FILTERS)}>
          {t.clearAll}
        </button>
      </li>
    </ul>
  );
}
