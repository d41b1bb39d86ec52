import { useEffect, useRef } from "preact/hooks";
import { Banner } from "./components/banner.tsx";
import { Header } from "./components/header.tsx";
import { lazy } from "./components/lazy.tsx";
import { texts } from "./state/preferences.ts";
import { route } from "./state/route.ts";
import { BusinessView } from "./views/business/business.tsx";
import { KpisView } from "./views/data/data.tsx";
import { FilesView } from "./views/files/files.tsx";
import { PipelineView } from "./views/pipeline/pipeline.tsx";

export function App() {
  const { view } = route.value;
  const title = texts.value.nav[view];
  const main = useRef<HTMLElement>(null);
  const shown = useRef(view);

  useEffect(() => {
    document.title = `${title} · Ingot`;
  }, [title]);
  useEffect(() => {
    if (shown.current === view) return;
    shown.current = view;
    scrollTo(0, 0);
    // Whoever does not see the new view hears its title.
    main.current?.querySelector<HTMLElement>("h1")?.focus();
  }, [view]);

  return (
    <>
      {/* A link would need the part of the address that names the view. */}
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {texts.value.nav.skip}
      </button>
      <Header />
      <main id="content" ref={main} tabIndex={-1}>
        <Banner />
        <CurrentView />
      </main>
    </>
  );
}

const StoresView = lazy(() => import("./views/stores/stores.tsx").then((module) => module.StoresView));

function CurrentView() {
  const current = route.value;
  switch (current.view) {
    case "business":
      return <BusinessView />;
    case "stores":
      return <StoresView route={current} />;
    case "pipeline":
      return <PipelineView route={current} />;
    case "files":
      return <FilesView route={current} />;
    case "data":
      return <KpisView />;
  }
}
