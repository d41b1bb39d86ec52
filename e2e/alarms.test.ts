import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { onlyFor, startMailServer } from "../packages/common/test/support/mail-server.ts";
import { diagnose, serve } from "./doctor-support.ts";
import { type Lake, temporaryLake } from "./support.ts";

const SECRET = "T0SECRET/x0secret";

/** A receiver of webhooks, and the texts that it was sent. */
async function receiver(): Promise<{ url: string; texts: string[]; asked: string[] }> {
  const texts: string[] = [];
  const asked: string[] = [];
  const origin = await serve(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    asked.push(`${request.method} ${request.url}`);
    if (request.method === "POST") texts.push(JSON.parse(body).text);
    response.end("ok");
  });
  return { url: `${origin}/services/${SECRET}`, texts, asked };
}

/** A KPI of the user's own whose check says that there are so many orders at the most. */
function declareKpi({ folder }: Lake, most: number): string {
  const kpis = path.join(folder, "kpis");
  mkdirSync(kpis, { recursive: true });
  const sql = "-- column orders integer\n\nselect sum(orders) as orders from sales_by_channel";
  const check = `tests:\n  - name: few_orders\n    sql: select * from {{ this }} where orders > ${most}\n`;
  writeFileSync(path.join(kpis, "order_count.sql"), sql);
  writeFileSync(path.join(kpis, "order_count.yml"), check);
  return kpis;
}

describe("an alarm of a service", { timeout: 60_000 }, () => {
  test("is sent before the process ends, not again by the next, and it is said when it is over", async () => {
    const lake = temporaryLake();
    const { url, texts } = await receiver();
    await lake.ingot("generate --ticks 1 --rows 20");
    await lake.ingot("clean --once");
    const env = {
      KPI_DIR: declareKpi(lake, 1),
      ALARM_WEBHOOK_URL: url,
      ALARM_STATE_DIR: path.join(lake.folder, "state"),
    };
    const aggregate = async () => {
      const { stderr } = await lake.ingot("aggregate --once", env);
      expect(stderr).not.toContain("SECRET");
      return texts.splice(0);
    };
    const [first = "", ...others] = await aggregate();
    expect(first).toContain("*aggregator error: Check few_orders of gold's order_count failed");
    expect(others).toEqual([]);
    expect(await aggregate()).toEqual([]);
    declareKpi(lake, 1000);
    expect(await aggregate()).toEqual([
      expect.stringContaining("*aggregator, in order again: Check few_orders of gold's order_count failed"),
    ]);
    expect(await aggregate()).toEqual([]);
  });
});

describe("ingot doctor", { timeout: 60_000 }, () => {
  test("looks whether those answer that alarms are sent to, and sends a trial alarm where it is asked to", async () => {
    const lake = temporaryLake();
    const { url, texts, asked } = await receiver();
    const server = await startMailServer({ authOptional: false, onAuth: onlyFor("ingot", "hunter2") });
    onTestFinished(server.close);
    const env = {
      LAKE_URL: lake.folder,
      ALARM_WEBHOOK_URL: url,
      ALARM_EMAIL_TO: "ana@shop.example",
      SMTP_URL: `smtp://ingot:hunter2@${server.host}`,
    };
    const examine = async (args: string, given: Record<string, string> = {}) => {
      const { findings, stdout, stderr } = await diagnose(args, {
        cwd: lake.folder,
        env: { ...env, ...given },
      });
      expect(stdout + stderr).not.toMatch(/SECRET|hunter2/);
      return findings.filter(({ check }) => check === "alarms");
    };
    expect((await examine("")).map(({ status }) => status)).toEqual(["ok", "ok"]);
    expect([texts, server.mails, asked]).toEqual([[], [], ["GET /"]]);

    expect((await examine("--alarm-test")).map(({ status }) => status)).toEqual(["ok", "ok"]);
    expect(texts).toEqual([expect.stringContaining("*doctor warn: this is a trial alarm*")]);
    expect(server.mails).toEqual([
      expect.stringContaining("Subject: [Ingot] doctor warn: this is a trial alarm"),
    ]);

    const wrong = {
      ALARM_WEBHOOK_URL: "http://127.0.0.1:1/SECRET",
      SMTP_URL: env.SMTP_URL.replace("2@", "3@"),
    };
    for (const found of await Promise.all(["", "--alarm-test"].map((args) => examine(args, wrong)))) {
      expect(found.map(({ status, subject }) => `${status} ${subject}`)).toEqual([
        "failed ALARM_WEBHOOK_URL",
        "failed SMTP_URL",
      ]);
    }
  });
});
