import type { AlarmEvent } from "./alarms.ts";

/** Alarms that go out together. */
export interface AlarmMessage {
  events: readonly AlarmEvent[];
  /** Older ones that found no place in the queue. */
  leftOut: number;
}

/** More than this is no message any more. */
const MOST_EVENTS = 20;
const MOST_TITLE = 200;
const MOST_DETAILS = 1_500;

/** What an alarm came to, in a line: `aggregator error: …`, `aggregator, in order again: …`. */
function headline({ state, service, severity, title }: AlarmEvent): string {
  const what = {
    raised: ` ${severity}`,
    lasting: `, still ${severity}`,
    over: ", in order again",
    notice: "",
  }[state];
  return `${service}${what}: ${cut(oneLine(title), MOST_TITLE)}`;
}

function paragraphs({ events, leftOut }: AlarmMessage, mark: (headline: string) => string): string[] {
  const shown = events.slice(0, MOST_EVENTS).map((event) => {
    const { at, details } = event;
    const more = details === undefined || details === "" ? [] : [cut(details, MOST_DETAILS)];
    return [mark(headline(event)), ...more, `${at.toISOString().slice(0, 19)}Z`].join("\n");
  });
  const hidden = leftOut + Math.max(0, events.length - MOST_EVENTS);
  return hidden === 0 ? shown : [...shown, `and ${hidden} more; the services' logs have them all`];
}

/** The body that Slack, Mattermost and others take at an incoming webhook: `{"text": …}` in mrkdwn. */
export function webhookBody(message: AlarmMessage): string {
  const escaped = (text: string) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const text = paragraphs(message, (line) => `*${line.replaceAll("*", "∗")}*`)
    .map(escaped)
    .join("\n\n");
  return JSON.stringify({ text });
}

export function mailText(message: AlarmMessage): { subject: string; text: string } {
  const { events } = message;
  // What needs somebody comes first in the subject.
  const isUrgent = (event: AlarmEvent): number =>
    (/^(over|notice)$/.test(event.state) ? 0 : 2) + (event.severity === "error" ? 1 : 0);
  const [first] = events.toSorted((a, b) => isUrgent(b) - isUrgent(a));
  const others = events.length - 1 + message.leftOut;
  const subject = `[Ingot] ${first ? headline(first) : "alarms"}${others > 0 ? ` (and ${others} more)` : ""}`;
  return { subject, text: `${paragraphs(message, (line) => line).join("\n\n")}\n` };
}

/** Without what would break a header or a line, or move a terminal's cursor. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
