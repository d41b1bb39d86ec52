import { ErrorNotice, Notice } from "../../components/notice.tsx";
import { formats, texts } from "../../state/preferences.ts";
import { filterCount, goBusiness, NO_FILTERS } from "../../state/route.ts";
import { choices, report } from "../../state/store.ts";
import { EmptyLake } from "../empty-lake.tsx";
import { Cards } from "./cards.tsx";
import { Filters } from "./filters.tsx";
import { ChannelPanel, CountryPanel, PagePanel, ProductPanel } from "./rankings.tsx";
import { RevenuePanel } from "./revenue.tsx";
import { BusinessSkeleton } from "./skeleton.tsx";
import { ConversionPanel, VisitsPanel } from "./visits.tsx";

export function BusinessView() {
  const t = texts.value;
  const known = choices.data.value;
  const data = report.data.value;
  if (known && !known.days) return <EmptyLake />;
  return (
    <>
      <div class="view-head">
        <h1 tabIndex={-1}>{t.business.title}</h1>
        {data && (
          <p class="view-note">
            {t.business.against(formats.value.days(data.previous.from, data.previous.to))}
          </p>
        )}
      </div>
      {known ? <Filters choices={known} /> : <div class="filters is-waiting" />}
      <Report />
    </>
  );
}

function Report() {
  const data = report.data.value;
  const error = choices.error.value ?? report.error.value;
  // A figure that cannot be refreshed is still better than none, but never under filters that it does not belong to.
  if (error && (!data || (report.isOutdated.value && error.code !== "offline"))) {
    return <ErrorNotice error={error} retry={retry} />;
  }
  if (!data) return <BusinessSkeleton />;
  const hasSales = data.cards.orders.value !== 0 || data.counting !== undefined;
  return (
    <div class={`report ${report.isOutdated.value ? "is-outdated" : ""}`} aria-busy={report.isOutdated.value}>
      {!hasSales && <NoMatch />}
      <Cards report={data} />
      <div class="grid">
        <RevenuePanel report={data} />
        <ChannelPanel report={data} />
        <ConversionPanel report={data} />
        <ProductPanel report={data} />
        <CountryPanel report={data} />
        <VisitsPanel report={data} />
        <PagePanel report={data} />
      </div>
    </div>
  );
}

function retry() {
  if (choices.error.peek()) choices.refresh();
  report.refresh();
}

function NoMatch() {
  const t = texts.value.empty;
  return (
    <div class="panel">
      <Notice
        icon="search"
        title={t.noMatchTitle}
        actions={
          <>
            {filterCount.value > 0 && (
              <button type="button" class="button is-primary" onClick={() => goBusiness(NO_FILTERS)}>
                {t.clearFilters}
              </button>
            )}
            <button type="button" class="button" onClick={() => goBusiness({ ...NO_FILTERS, period: "30d" })}>
              {t.showLast}
            </button>
          </>
        }
      >
        <p>{t.noMatchText}</p>
      </Notice>
    </div>
  );
}
