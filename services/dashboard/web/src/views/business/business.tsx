import type { SalesReport } from "../../../../src/api/contract.ts";
import { ErrorNotice, Notice } from "../../components/notice.tsx";
import { formats, texts } from "../../state/preferences.ts";
import { filterCount, goBusiness, NO_FILTERS } from "../../state/route.ts";
import { choices, report, status } from "../../state/store.ts";
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
  if (known ? !known.days : isLakeEmpty()) return <EmptyLake />;
  return (
    <>
      <div class="view-head">
        <h1 tabIndex={-1}>{t.business.title}</h1>
        {data && <Comparison report={data} first={known?.days?.first} />}
      </div>
      {known ? <Filters choices={known} /> : <div class="filters is-waiting" />}
      <Report />
    </>
  );
}

/** What the figures are compared with, and that it is no whole period where the data begins within it. */
function Comparison({ report: { previous }, first }: { report: SalesReport; first: string | undefined }) {
  const t = texts.value.business;
  const f = formats.value;
  return (
    <p class="view-note">
      {t.against(f.days(previous.from, previous.to))}
      {first !== undefined && previous.from < first && ` · ${t.dataBegins(f.days(first, first))}`}
    </p>
  );
}

/** No warehouse, and nothing that one could be made of. */
function isLakeEmpty(): boolean {
  const code = choices.error.value?.code;
  if (code === "bucket_missing") return true;
  return (
    code === "warehouse_missing" &&
    status.data.value !== undefined &&
    !status.data.value.layers.bronze.objects
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
