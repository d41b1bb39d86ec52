import type { BatchStep } from "../../../../../src/api/contract.ts";
import { DataTable } from "../../../components/data-table.tsx";
import { Icon } from "../../../components/icons.tsx";
import { batchTexts } from "../../../i18n/batch-texts.ts";
import { formats } from "../../../state/preferences.ts";

const TONES: Readonly<Record<BatchStep["status"], string>> = {
  waiting: "",
  running: "",
  done: "is-good",
  reused: "is-good",
  failed: "is-bad",
  skipped: "is-warn",
};

/** What each step of a run did. */
export function Steps({ steps, at }: { steps: readonly BatchStep[]; at: string | undefined }) {
  const t = batchTexts.value;
  const f = formats.value;
  const count = (title: string, value: (step: BatchStep) => number | undefined) => ({
    title,
    isNumber: true,
    cell: (step: BatchStep) => {
      const figure = value(step);
      return figure === undefined ? "–" : f.integer(figure);
    },
  });
  const hasDays = steps.some(({ days }) => days !== undefined);
  return (
    <>
      <h3>
        {t.steps}
        {at && (
          <span class="note">
            {" "}
            <time dateTime={at}>{f.moment(at)}</time>
          </span>
        )}
      </h3>
      <Problems steps={steps} />
      <DataTable
        caption={t.steps}
        rows={steps}
        keyOf={({ name, month }) => `${name}/${month}`}
        isTall
        columns={[
          { title: t.step, cell: ({ name, month }) => <code>{month ? `${name} ${month}` : name}</code> },
          {
            title: t.status,
            cell: ({ status }) => <span class={`state ${TONES[status]}`}>{t.stepStatuses[status]}</span>,
          },
          count(t.rows, ({ rows }) => rows),
          ...(hasDays ? [count(t.days, ({ days }) => days)] : []),
          count(t.read, ({ records }) => records?.read),
          count(t.kept, ({ records }) => records?.kept),
          count(t.rejected, ({ records }) => records?.rejected),
          count(t.duplicates, ({ records }) => records?.duplicates),
          { title: t.checks, cell: (step) => <Checks step={step} /> },
          {
            title: t.duration,
            isNumber: true,
            cell: ({ took_ms }) => (took_ms === undefined ? "–" : f.took(took_ms)),
          },
        ]}
      />
    </>
  );
}

function Checks({ step: { checks, failed_checks: failed } }: { step: BatchStep }) {
  const t = batchTexts.value;
  const { integer } = formats.value;
  if (checks === 0) return "–";
  if (failed.length === 0)
    return <span class="state is-good">{t.checksPassed(checks, integer(checks))}</span>;
  const isStopping = failed.some(({ severity }) => severity === "error");
  return (
    <span class={`state ${isStopping ? "is-bad" : "is-warn"}`}>
      {t.checksFailed(integer(failed.length), integer(checks))}
    </span>
  );
}

/** Why records were rejected, and which checks failed. */
function Problems({ steps }: { steps: readonly BatchStep[] }) {
  const t = batchTexts.value;
  const { integer } = formats.value;
  const lines = steps.flatMap(({ name, records, failed_checks, error }) => {
    const reasons = Object.entries(records?.reasons ?? {}).sort(([, a], [, b]) => b - a);
    const list = reasons.map(([reason, number]) => `${reason} ${integer(number)}`).join(", ");
    return [
      ...failed_checks.map(({ check, expected, actual }) => t.failedCheck(name, check, expected, actual)),
      ...(error ? [`${name}: ${error}`] : []),
      ...(list ? [`${name}: ${t.reasons(list)}`] : []),
    ];
  });
  if (lines.length === 0) return null;
  return (
    <ul class="batch-problems">
      {lines.map((line) => (
        <li key={line}>
          <Icon name="warn" />
          <span>{line}</span>
        </li>
      ))}
    </ul>
  );
}
