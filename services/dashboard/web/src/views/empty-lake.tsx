import { Code } from "../components/copy.tsx";
import { Logo } from "../components/icons.tsx";
import { texts } from "../state/preferences.ts";
import { hasStores } from "../state/store.ts";

/** What to do with a lake that has nothing in it. */
export function EmptyLake() {
  const t = texts.value.empty;
  const ways = [
    { title: t.simulateTitle, text: t.simulateText, command: "npm start" },
    { title: t.importTitle, text: t.importText, command: "npx ingot import customers.csv orders.json" },
    { title: t.runTitle, text: t.runText, command: "npx ingot up --no-generator" },
  ];
  return (
    <div class="welcome">
      <Logo />
      <h1 tabIndex={-1}>{t.title}</h1>
      <p class="welcome-text">{t.text}</p>
      {hasStores.value && (
        <p>
          <a href="#/stores">{t.stores}</a>
        </p>
      )}
      <ul class="welcome-ways">
        {ways.map((way) => (
          <li key={way.command} class="panel">
            <h2>{way.title}</h2>
            <p>{way.text}</p>
            <Code text={way.command} />
          </li>
        ))}
      </ul>
    </div>
  );
}
