import { parentPort, workerData } from "node:worker_threads";
import { timeZone } from "@ingot/pipelines";
import { openSalesFeed } from "@ingot/warehouse";
import { Answerer } from "./answers.ts";
import { Deadline } from "./deadline.ts";
import { History } from "./history.ts";
import { type Answer, type Request, type ThreadData, toFailure } from "./messages.ts";

/** So long the thread reads on before it looks whether there is a question. */
const SLICE_MS = 25;

/** A thread of its own that has the history in memory and answers questions about it. */
const { file, timezone } = workerData as ThreadData;
const port = parentPort!;
const history = new History(() => openSalesFeed(file), timeZone(timezone));
const answerer = new Answerer(history);
let isReading = false;

function readOn(): void {
  try {
    isReading = history.readOn(SLICE_MS);
  } catch {
    // Whoever asks next meets the same error, or goes on.
    isReading = false;
  }
  if (isReading) setImmediate(readOn);
}

function startReading(): void {
  if (isReading) return;
  isReading = true;
  setImmediate(readOn);
}

function answerOf({ id, question, deadline, timeoutMs }: Exclude<Request, "refresh">): Answer {
  try {
    return { id, result: answerer.answer(question, new Deadline(deadline, timeoutMs)) };
  } catch (error) {
    return { id, failure: toFailure(error) };
  }
}

port.on("message", (request: Request) => {
  if (request === "refresh") {
    history.refresh();
    return;
  }
  port.postMessage(answerOf(request));
  startReading();
});
startReading();
