import { Icon } from "../../components/icons.tsx";
import { ErrorNotice } from "../../components/notice.tsx";
import { Select } from "../../components/select.tsx";
import { storeTexts } from "../../i18n/stores-texts.ts";
import { CHART_STEPS, STORE_THEMES, type StoresRoute, type StoreTheme } from "../../lib/routes.ts";
import { storeCharts } from "../../lib/store-charts.ts";
import { addressOf } from "../../state/api.ts";
import { goStores } from "../../state/route.ts";
import { queryOf, series, seriesFilter } from "../../state/stores.ts";
import { MonthSelect, StoreSelect, YearSelect } from "./filters.tsx";
import { NoData } from "./kpis-tab.tsx";
import { StoreChartPanel } from "./store-chart.tsx";

export function ChartsTab({ route }: { route: StoresRoute }) {
  const t = storeTexts.value;
  const { step, theme } = route;
  return (
    <>
      <section class="filters" aria-label={t.filters.label}>
        <div class="filters-row is-selects">
          <StoreSelect />
          <Select
            label={t.filters.step}
            value={step}
            options={CHART_STEPS.map((value) => ({ value, text: t.steps[value] }))}
            onChange={(value) => goStores({ step: value as StoresRoute["step"] })}
          />
          {(step === "month" || step === "day") && <YearSelect />}
          {step === "day" && <MonthSelect />}
          <Select
            label={t.filters.theme}
            value={theme}
            options={STORE_THEMES.map((value) => ({ value, text: t.themes[value] }))}
            onChange={(value) => goStores({ theme: value as StoreTheme })}
          />
        </div>
      </section>
      <Charts route={route} />
      <p class="store-download">
        {/* The server names the file. */}
        <a
          class="button"
          href={addressOf(`api/stores/metrics.csv?${queryOf(seriesFilter.value ?? {})}`)}
          download
        >
          <Icon name="download" />
          {t.download}
        </a>
      </p>
    </>
  );
}

function Charts({ route: { step, theme } }: { route: StoresRoute }) {
  const data = series.data.value;
  const error = series.error.value;
  const isOutdated = series.isOutdated.value;
  if (error && (!data || (isOutdated && error.code !== "offline")))
    return <ErrorNotice error={error} retry={() => series.refresh()} />;
  // Points of another step would stand under the wrong names.
  if (!data || data.step !== step) return <div class="store-charts is-waiting" aria-busy="true" />;
  if (data.points.length === 0) return <NoData />;
  return (
    <div class={`store-charts report ${isOutdated ? "is-outdated" : ""}`} aria-busy={isOutdated}>
      {storeCharts(theme, step).map((chart) => (
        <StoreChartPanel key={`${chart.name}/${step}`} chart={chart} step={step} points={data.points} />
      ))}
    </div>
  );
}
