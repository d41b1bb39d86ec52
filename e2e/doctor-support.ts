import { once } from "node:events";
import http, { type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { type Finished, finished, startIngot } from "./support.ts";

export interface Finding {
  check: string;
  subject: string;
  status: "ok" | "warning" | "failed" | "skipped";
  detail: string;
  remedy: string | null;
}

export interface Diagnosis extends Finished {
  findings: Finding[];
  /** The checks of this status, each once. */
  checks(status: Finding["status"]): string[];
}

/** Runs `ingot doctor --json`. */
export async function diagnose(
  args: string,
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Promise<Diagnosis> {
  const done = await finished(startIngot(`doctor --json ${args}`.trim(), { cwd, env }));
  const findings = done.stdout === "" ? [] : (JSON.parse(done.stdout) as Finding[]);
  const checks = (status: string): string[] => [
    ...new Set(findings.filter((finding) => finding.status === status).map(({ check }) => check)),
  ];
  return { ...done, findings, checks };
}

/** A server of a test's own on a free port, ended after it. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = http.createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Passes a request on to a real store under its own Host header, and the answer back. */
export function passOn(
  target: string,
  request: IncomingMessage,
  onAnswer: (answer: IncomingMessage) => void,
  {
    path = request.url ?? "/",
    headers = request.headers,
  }: { path?: string; headers?: http.OutgoingHttpHeaders } = {},
): void {
  const { hostname, port } = new URL(target);
  const { method } = request;
  const sent = http.request({ hostname, port, method, path, headers, agent: false }, onAnswer);
  sent.on("error", () => request.destroy());
  request.pipe(sent);
}
