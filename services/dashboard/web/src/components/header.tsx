import { formatRoute, VIEWS, type View } from "../lib/routes.ts";
import { goldAt, liveState } from "../state/live.ts";
import { formats, language, setLanguage, setTheme, THEMES, texts, theme } from "../state/preferences.ts";
import { business, route, storesRoute } from "../state/route.ts";
import { hasStores } from "../state/store.ts";
import { useAgo } from "./ago.tsx";
import { Icon, Logo } from "./icons.tsx";

export function Header() {
  return (
    <header class="header">
      <div class="header-row">
        <a class="brand" href="#/">
          <Logo />
          <span>Ingot</span>
        </a>
        <Navigation />
        <div class="header-tools">
          <Live />
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
      </div>
    </header>
  );
}

function Navigation() {
  const t = texts.value.nav;
  const current = route.value.view;
  const hrefOf = (view: View) => {
    if (view === "business") return formatRoute(business.value);
    if (view === "stores") return formatRoute(storesRoute.value);
    return view === "files" ? "#/files/gold/" : `#/${view}`;
  };
  // Most lakes have no stores, and nobody there misses them.
  const views = VIEWS.filter((view) => view !== "stores" || view === current || hasStores.value);
  return (
    <nav class="nav" aria-label={t.label}>
      {views.map((view) => (
        <a key={view} href={hrefOf(view)} aria-current={view === current ? "page" : undefined}>
          {t[view]}
        </a>
      ))}
    </nav>
  );
}

function Live() {
  const t = texts.value.live;
  const state = liveState.value;
  const text = { connected: t.connected, connecting: t.connecting, lost: t.lost }[state];
  return (
    <p class={`live is-${state}`} title={goldAt.value && t.updated(formats.value.time(goldAt.value))}>
      <span class="live-dot" key={goldAt.value} />
      <span class="live-text" role="status">
        {text}
      </span>
      {state === "connected" && goldAt.value && <LiveAgo at={goldAt.value} />}
    </p>
  );
}

function LiveAgo({ at }: { at: string }) {
  const ago = useAgo();
  return <span class="live-ago">{ago(at)}</span>;
}

function LanguageSwitch() {
  const other = language.value === "en" ? "fr" : "en";
  const label = `${other.toUpperCase()}, ${texts.value.nav.switchLanguage}`;
  return (
    <button
      type="button"
      class="icon-button is-text"
      lang={other}
      aria-label={label}
      title={label}
      onClick={() => setLanguage(other)}
    >
      {other.toUpperCase()}
    </button>
  );
}

const THEME_ICONS = { system: "auto", light: "sun", dark: "moon" } as const;

function ThemeSwitch() {
  const t = texts.value.nav;
  const label = `${t.theme}: ${t.themes[theme.value]}`;
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length]!;
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={() => setTheme(next)}>
      <Icon name={THEME_ICONS[theme.value]} />
    </button>
  );
}
