import { choicesOf } from "./choices.ts";
import { spanOf } from "./days.ts";
import type { Deadline } from "./deadline.ts";
import type { History } from "./history.ts";
import type { Answers, Question } from "./messages.ts";
import { reportOf, reportSpan } from "./report.ts";
import { tableOf } from "./tables.ts";

/** So many answers are kept for those who ask the same again. */
const MOST_KEPT = 64;
/** Long tables are asked for once, to be downloaded. */
const MOST_ROWS_KEPT = 1_000;

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
    // What is wrong whatever the warehouse holds is said first.
    if (question.kind === "report") reportSpan(question.filter);
    if (question.kind === "table") spanOf(question.filter);
    const { revision, counted } = this.#history.ready([], deadline);
    const key = JSON.stringify(question);
    const known = this.#kept.get(key);
    this.#kept.delete(key);
    const isSame = known?.revision === revision;
    const result = isSame ? known.result : this.#compute(question, deadline);
    const isShort = !("rows" in result) || result.rows.length <= MOST_ROWS_KEPT;
    if (counted === 1 && isShort) this.#keep(key, { revision, result });
    return result;
  }

  #keep(key: string, answer: { revision: string; result: Result }): void {
    this.#kept.set(key, answer);
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
  }

  #compute(question: Question, deadline: Deadline): Result {
    if (question.kind === "choices") return choicesOf(this.#history, deadline);
    if (question.kind === "report") return reportOf(this.#history, question.filter, deadline);
    return tableOf(this.#history, question.name, question.filter, deadline);
  }
}
