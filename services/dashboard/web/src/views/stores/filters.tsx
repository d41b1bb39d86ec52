import { Select } from "../../components/select.tsx";
import { storeTexts } from "../../i18n/stores-texts.ts";
import { formats } from "../../state/preferences.ts";
import { goStores } from "../../state/route.ts";
import { storeChoices } from "../../state/store.ts";
import { chosenMonth, chosenStore } from "../../state/stores.ts";

const ALL = "";

export function YearSelect() {
  const years = storeChoices.data.value?.years ?? [];
  return (
    <Select
      label={storeTexts.value.filters.year}
      value={String(chosenMonth.value?.year)}
      options={years.map(({ year }) => ({ value: String(year), text: String(year) }))}
      onChange={(year) => goStores({ year: Number(year), month: chosenMonth.peek()?.month })}
    />
  );
}

export function MonthSelect() {
  const chosen = chosenMonth.value;
  const months = storeChoices.data.value?.years.find(({ year }) => year === chosen?.year)?.months ?? [];
  return (
    <Select
      label={storeTexts.value.filters.month}
      value={String(chosen?.month)}
      options={months.map((month) => ({ value: String(month), text: formats.value.monthName(month) }))}
      onChange={(month) => goStores({ year: chosen?.year, month: Number(month) })}
    />
  );
}

export function StoreSelect() {
  const t = storeTexts.value.filters;
  const stores = storeChoices.data.value?.stores ?? [];
  return (
    <Select
      label={t.store}
      value={chosenStore.value ?? ALL}
      options={[
        { value: ALL, text: t.allStores },
        ...stores.map(({ id, name }) => ({ value: id, text: name })),
      ]}
      onChange={(store) => goStores({ store: store === ALL ? undefined : store })}
    />
  );
}
