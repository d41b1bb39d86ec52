import "../../styles/stores.css";
import { Code } from "../../components/copy.tsx";
import { ErrorNotice, Notice } from "../../components/notice.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { storeTexts } from "../../i18n/stores-texts.ts";
import { STORE_TABS, type StoresRoute } from "../../lib/routes.ts";
import { goStores } from "../../state/route.ts";
import { hasStores, storeChoices } from "../../state/store.ts";
import { ChartsTab } from "./charts-tab.tsx";
import { KpisTab } from "./kpis-tab.tsx";

export function StoresView({ route }: { route: StoresRoute }) {
  const t = storeTexts.value;
  return (
    <>
      <div class="view-head">
        <h1 tabIndex={-1}>{t.title}</h1>
      </div>
      <Content route={route} />
    </>
  );
}

function Content({ route }: { route: StoresRoute }) {
  const t = storeTexts.value;
  const error = storeChoices.error.value;
  if (!storeChoices.data.value) {
    if (error) return <ErrorNotice error={error} retry={() => storeChoices.refresh()} />;
    return <div class="filters is-waiting" aria-busy="true" />;
  }
  if (!hasStores.value) return <NoStores />;
  return (
    <Tabs
      id="stores"
      label={t.tabs.label}
      tabs={STORE_TABS.map((value) => ({ value, text: t.tabs[value] }))}
      value={route.tab}
      onChange={(tab) => goStores({ tab })}
    >
      {route.tab === "kpis" ? <KpisTab /> : <ChartsTab route={route} />}
    </Tabs>
  );
}

/** What to do with a lake that has no metrics of stores. */
function NoStores() {
  const t = storeTexts.value;
  return (
    <div class="panel" role="status">
      <Notice icon="warn" title={t.emptyTitle}>
        <p>{t.empty}</p>
        <Code
          text={
            "npx ingot generate retail-stores --from 2026-01-01 --to 2026-01-31\nnpx ingot run retail-stores"
          }
        />
      </Notice>
    </div>
  );
}
