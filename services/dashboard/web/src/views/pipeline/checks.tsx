import { useState } from "preact/hooks";
import type { CheckStatus } from "../../../../src/api/contract.ts";
import { Ago } from "../../components/ago.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Icon } from "../../components/icons.tsx";
import { formats, texts } from "../../state/preferences.ts";

export function Checks({ checks }: { checks: readonly CheckStatus[] }) {
  const t = texts.value.pipeline;
  const { integer } = formats.value;
  const [areAll, setAll] = useState(false);
  const failed = checks.filter((check) => check.status !== "pass").sort(byWeight);
  const passed = checks.filter((check) => check.status === "pass");
  const shown = areAll ? [...failed, ...passed] : failed;
  const state =
    checks.length === 0
      ? t.checksNone
      : failed.length === 0
        ? t.checksAll(integer(checks.length))
        : t.checksSome(integer(failed.length), integer(checks.length));
  return (
    <section class="panel is-wide" aria-labelledby="checks-title" data-panel="checks" id="checks">
      <header class="panel-head">
        <div class="panel-titles">
          <h2 id="checks-title">{t.checks}</h2>
        </div>
        {checks.length > 0 && (
          <p class={`pill ${failed.length ? "is-bad" : "is-good"}`}>
            <Icon name={failed.length ? "warn" : "check"} />
            {state}
          </p>
        )}
      </header>
      {checks.length === 0 && <p class="panel-empty is-low">{state}</p>}
      {shown.length > 0 && (
        <DataTable
          caption={t.checks}
          rows={shown}
          keyOf={(check) => `${check.layer}/${check.model}/${check.check}`}
          isTall
          columns={[
            { title: t.check, cell: (check) => <code>{check.check}</code> },
            { title: t.model, cell: (check) => `${check.layer} · ${check.model}` },
            { title: t.status, cell: (check) => <CheckState check={check} /> },
            { title: t.expected, cell: (check) => <span lang="en">{check.expected}</span>, class: "is-long" },
            { title: t.actual, cell: (check) => <span lang="en">{check.actual}</span>, class: "is-long" },
            { title: t.ran, cell: (check) => <Ago at={check.run_at} /> },
          ]}
        />
      )}
      {passed.length > 0 && (
        <button type="button" class="panel-more" aria-expanded={areAll} onClick={() => setAll(!areAll)}>
          {areAll ? t.hidePassed : t.showPassed(integer(passed.length))}
        </button>
      )}
    </section>
  );
}

function CheckState({ check }: { check: CheckStatus }) {
  const t = texts.value.pipeline;
  if (check.status === "pass") return <span class="state is-good">{t.statuses.pass}</span>;
  return (
    <span class={`state ${check.severity === "error" ? "is-bad" : "is-warn"}`}>
      {t.statuses[check.status]} · {t.severities[check.severity]}
    </span>
  );
}

function byWeight(a: CheckStatus, b: CheckStatus): number {
  return Number(b.severity === "error") - Number(a.severity === "error");
}
