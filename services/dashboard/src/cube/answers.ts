import type { SalesTable } from "../api/contract.ts";
import { choicesOf } from "./choices.ts";
import { type DaySpan, spanBefore, spanOf } from "./days.ts";
import type { Deadline } from "./deadline.ts";
import type { History, LoadedHistory } from "./history.ts";
import type { Answers, Question } from "./messages.ts";
import { reportOf, reportSpan } from "./report.ts";
import { tableOf } from "./tables.ts";

/** So many answers are kept for those who ask the same again. */
const MOST_KEPT = 64;
/** Long tables are asked for once, to be downloaded. */
const MOST_ROWS_KEPT = 1_000;

/** Tables that need all clicks and no sales. */
const VISITS: ReadonlySet<SalesTable> = new Set(["visits_by_day", "pages"]);

type Result = Answers[Question["kind"]];

/** Answers questions about a history; the same question again only once it has changed. */
export class Answerer {
  readonly #history: History;
  /** By question, those that were asked last at the end. */
  readonly #kept = new Map<string, { revision: string; result: Result }>();

  constructor(history: History) {
    this.#history = history;
  }

  /** @throws IngotError `invalid_parameter`, `query_timeout`, those of the feed */
  answer(question: Question, deadline: Deadline): Result {
    const spans = spansOf(question);
    const isOfVisits = question.kind === "table" && VISITS.has(question.name);
    const loaded = isOfVisits ? this.#history.readyToCount(deadline) : this.#history.ready(spans, deadline);
    const { revision, counted } = loaded;
    const key = JSON.stringify(question);
    const known = this.#kept.get(key);
    this.#kept.delete(key);
    const result = known?.revision === revision ? known.result : this.#compute(question, loaded, deadline);
    const isShort = !("rows" in result) || result.rows.length <= MOST_ROWS_KEPT;
    if (counted === 1 && isShort) this.#keep(key, { revision, result });
    return result;
  }

  #keep(key: string, answer: { revision: string; result: Result }): void {
    this.#kept.set(key, answer);
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
  }

  #compute(question: Question, loaded: LoadedHistory, deadline: Deadline): Result {
    if (question.kind === "choices") return choicesOf(this.#history);
    if (question.kind === "report") return reportOf(loaded, question.filter, deadline);
    return tableOf(loaded, question.name, question.filter, deadline);
  }
}

/** The periods whose sales a question is about. @throws IngotError `invalid_parameter` */
function spansOf(question: Question): DaySpan[] {
  if (question.kind === "choices") return [];
  if (question.kind === "table") return [spanOf(question.filter)];
  const span = reportSpan(question.filter);
  return [span, spanBefore(span)];
}
