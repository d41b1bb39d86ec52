import type { Figure, StoreKpis } from "../../../../src/api/contract.ts";
import { Animated } from "../../components/animated.tsx";
import { ErrorNotice, Notice } from "../../components/notice.tsx";
import { storeTexts } from "../../i18n/stores-texts.ts";
import { formats } from "../../state/preferences.ts";
import { kpis } from "../../state/stores.ts";
import { MonthSelect, StoreSelect, YearSelect } from "./filters.tsx";

export function KpisTab() {
  const t = storeTexts.value;
  return (
    <>
      <section class="filters" aria-label={t.filters.label}>
        <div class="filters-row is-selects">
          <YearSelect />
          <MonthSelect />
          <StoreSelect />
        </div>
      </section>
      <Figures />
    </>
  );
}

function Figures() {
  const data = kpis.data.value;
  const error = kpis.error.value;
  const isOutdated = kpis.isOutdated.value;
  if (error && (!data || (isOutdated && error.code !== "offline")))
    return <ErrorNotice error={error} retry={() => kpis.refresh()} />;
  if (!data) return <div class="store-cards is-waiting" aria-busy="true" />;
  return (
    <div class={`report ${isOutdated ? "is-outdated" : ""}`} aria-busy={isOutdated}>
      {data.days === 0 && <NoData />}
      <Comparison kpis={data} />
      <Cards kpis={data} />
    </div>
  );
}

export function NoData() {
  const t = storeTexts.value;
  return (
    <div class="panel" role="status">
      <Notice icon="warn" title={t.noDataTitle}>
        <p>{t.noData}</p>
      </Notice>
    </div>
  );
}

function Comparison({ kpis: { previous, until_day } }: { kpis: StoreKpis }) {
  const t = storeTexts.value;
  const f = formats.value;
  const month = f.month(`${previous.year}-${String(previous.month).padStart(2, "0")}-01`);
  return (
    <p class="view-note">
      {until_day === undefined ? t.wholeMonth(month) : t.until(f.integer(until_day), month)}
    </p>
  );
}

type CardName = keyof StoreKpis["cards"];

function Cards({ kpis: { cards } }: { kpis: StoreKpis }) {
  const t = storeTexts.value.cards;
  const f = formats.value;
  const shown: { name: CardName; title: string; format: (value: number) => string }[] = [
    { name: "visitors", title: t.visitors, format: f.integer },
    { name: "sales", title: t.sales, format: f.integer },
    { name: "revenue", title: t.revenue(f.currencySymbol), format: f.millions },
    { name: "cost", title: t.cost(f.currencySymbol), format: f.millions },
    { name: "margin", title: t.margin(f.currencySymbol), format: f.millions },
    { name: "conversion_rate", title: t.conversion_rate, format: f.rate },
    { name: "average_basket", title: t.average_basket(f.currencySymbol), format: f.money },
  ];
  return (
    <ul class="store-cards">
      {shown.map(({ name, title, format }) => (
        <li key={name} class="card" data-store-card={name}>
          <h2 class="card-title">{title}</h2>
          <p class="card-value" data-value={cards[name].value}>
            <Animated value={cards[name].value ?? 0} format={format} />
          </p>
          <p class="card-foot">
            <Change figure={cards[name]} />
          </p>
        </li>
      ))}
    </ul>
  );
}

/** Green where it is more than in the month before, else red. */
function Change({ figure: { change } }: { figure: Figure }) {
  if (change === null) return null;
  const t = storeTexts.value.change;
  const isMore = change > 0;
  const percent = formats.value.rate(Math.abs(change) * 100);
  const said = isMore ? t.up(percent) : change < 0 ? t.down(percent) : t.same(percent);
  return (
    <span class={`store-change is-${isMore ? "up" : "down"}`}>
      <span aria-hidden="true">
        {isMore ? "▲" : "▼"} {percent}
      </span>
      <span class="hidden">{said}</span> {t.against}
    </span>
  );
}
