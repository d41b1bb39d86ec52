import { styleText } from "node:util";
import { type Finding, NOT_CHECKED, type Status } from "./finding.ts";

const MARKS: Readonly<Record<Status, { mark: string; colour: Parameters<typeof styleText>[0] }>> = {
  ok: { mark: "✓", colour: "green" },
  warning: { mark: "!", colour: "yellow" },
  failed: { mark: "✗", colour: "red" },
  skipped: { mark: "-", colour: "dim" },
};
const LABEL_WIDTH = 22;
const MIN_COLUMNS = 60;
const MAX_COLUMNS = 110;

/** One finding for people: a mark, the check, what was found, and below it what to do. */
export function describeFinding(finding: Finding, columns: number): string {
  const { check, subject, status, detail, remedy } = finding;
  // Only names that the sentence does not have already.
  const isNamed = subject === "" || detail.includes(subject);
  const text = `${isNamed ? "" : `${subject}: `}${detail}`;
  return lines(status, check.replaceAll("_", " "), text, remedy, columns);
}

function lines(status: Status, label: string, text: string, remedy: string | null, columns: number): string {
  const width = Math.min(MAX_COLUMNS, Math.max(MIN_COLUMNS, columns)) - LABEL_WIDTH;
  const { mark, colour } = MARKS[status];
  const indent = `\n${" ".repeat(LABEL_WIDTH)}`;
  const found = wrap(text, width).join(indent);
  const shown = status === "skipped" ? styled("dim", found) : found;
  const what = remedy === null ? [] : wrap(`-> ${remedy}`, width - 3);
  const toDo = what.map((line, index) => `${indent}${styled("bold", index === 0 ? line : `   ${line}`)}`);
  return `${styled(colour, mark)} ${label.padEnd(LABEL_WIDTH - 2)}${shown}${toDo.join("")}`;
}

/** Several checks that were not made for one reason, in one line. */
export function describeSkipped(findings: readonly Finding[], columns: number): string {
  const [first] = findings;
  if (!first || findings.length === 1) return findings.map((one) => describeFinding(one, columns)).join("");
  const names = new Set(findings.map(({ check }) => check.replaceAll("_", " ")));
  const why = first.detail.replace(NOT_CHECKED, "");
  return lines("skipped", "not checked", `${[...names].join(", ")}: ${why}`, null, columns);
}

/** What all findings come to, in a line. */
export function summarise(findings: readonly Finding[]): string {
  const count = (status: Status): number => findings.filter((finding) => finding.status === status).length;
  const parts = [
    count("failed") > 0 ? `${count("failed")} failed` : "",
    count("warning") > 0 ? many(count("warning"), "warning") : "",
    `${count("ok")} in order`,
    count("skipped") > 0 ? `${count("skipped")} not checked` : "",
  ];
  return parts.filter(Boolean).join(", ");
}

const many = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

function styled(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

/** Lines of at most so many characters; a word that is longer stands alone. */
function wrap(text: string, width: number): string[] {
  const wrapped: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      wrapped.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...wrapped, line];
}
