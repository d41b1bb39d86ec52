import { once } from "node:events";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { networkInterfaces } from "node:os";
import type { SMTPServerOptions } from "smtp-server";
import { afterAll, describe, expect, test, vi } from "vitest";
import type { AlarmEvent } from "../../src/alarms/alarms.ts";
import { createDelivery } from "../../src/alarms/delivery.ts";
import { type AlarmTargets, alarmSenders, alarmTargets } from "../../src/alarms/targets.ts";
import { systemClock } from "../../src/clock.ts";
import { type MailServer, onlyFor, startMailServer } from "../support/mail-server.ts";
import { recordingLogger } from "../support/recorders.ts";

const SECRET = "T0SECRET/B0SECRET/x0secret";
const GATHER_MS = 20;

const event = (given: Partial<AlarmEvent> = {}): AlarmEvent => ({
  id: "check/orders/not_null_channel",
  severity: "error",
  title: "Check not_null_channel of silver's orders failed: 3 rows",
  details: "Expected: none.",
  state: "raised",
  service: "aggregator",
  at: new Date("2026-03-01T12:00:00Z"),
  ...given,
});

const ends: (() => unknown)[] = [];
afterAll(() => Promise.all(ends.map((end) => end())));

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** A receiver of webhooks that answers as it is told to. */
async function receiver(answer: (response: ServerResponse, count: number) => void) {
  const texts: string[] = [];
  const server = http.createServer(async (request: IncomingMessage, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    expect([request.method, request.headers["content-type"]?.split(";")[0]]).toEqual([
      "POST",
      "application/json",
    ]);
    texts.push(JSON.parse(body).text);
    answer(response, texts.length);
  });
  const port = await listening(server);
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}/services/${SECRET}`, texts };
}

async function mailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const server = await startMailServer(options);
  ends.push(server.close);
  return server;
}

function sinkTo(targets: AlarmTargets) {
  const [sender] = alarmSenders(targets);
  const { logger, lines } = recordingLogger();
  // A try a second later would only make the tests slow.
  const clock = {
    now: systemClock.now,
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 50, signal),
  };
  const sink = createDelivery(sender!, { logger, clock, gatherMs: GATHER_MS });
  ends.push(sink.close);
  return { sink, lines };
}

describe.concurrent("a webhook", () => {
  test("gets alarms of some seconds in one message, escaped as Slack wants it", async () => {
    const { url, texts } = await receiver((response) => response.end("ok"));
    const { sink, lines } = sinkTo({ webhook: url });
    const delivered = await Promise.all([
      sink.send(event({ title: 'revenue < 0 & "odd" <!channel> *now*' })),
      sink.send(
        event({ id: "b", state: "lasting", severity: "warn", service: "cleaner", title: "two\nlines" }),
      ),
      sink.send(event({ id: "c", state: "over", details: undefined, title: "orders are late" })),
    ]);
    expect(delivered).toEqual([true, true, true]);
    expect(texts).toEqual([
      [
        '*aggregator error: revenue &lt; 0 &amp; "odd" &lt;!channel&gt; ∗now∗*',
        "Expected: none.",
        "2026-03-01T12:00:00Z",
        "",
        "*cleaner, still warn: two lines*",
        "Expected: none.",
        "2026-03-01T12:00:00Z",
        "",
        "*aggregator, in order again: orders are late*",
        "2026-03-01T12:00:00Z",
      ].join("\n"),
    ]);
    expect(lines).toEqual([]);
  });

  test("that fails is tried again with all that came since; a line in the log tells of it, and one that it is over", async () => {
    const { url, texts } = await receiver((response, count) =>
      response.writeHead(count < 4 ? 503 : 200).end(),
    );
    const { sink, lines } = sinkTo({ webhook: url });
    const first = sink.send(event({ title: "first" }));
    await vi.waitFor(() => expect(texts.length).toBeGreaterThan(0));
    const second = sink.send(event({ title: "second" }));
    expect(await Promise.all([first, second])).toEqual([true, true]);
    expect(texts.at(-1)).toContain("second");
    await vi.waitFor(() => expect(lines.map(({ level }) => level)).toEqual(["warn", "info"]));
    expect(lines[0]!.msg).toContain("No alarms by webhook (127.0.0.1:");
    expect(lines[0]!.msg).toContain("503");
  });

  test("that says no for good is not asked again, and its secret is in no log", async () => {
    const { url, texts } = await receiver((response) => response.writeHead(404).end(`no_service ${SECRET}`));
    const { sink, lines } = sinkTo({ webhook: url });
    expect(await sink.send(event())).toBe(false);
    expect(texts.length).toBe(1);
    await vi.waitFor(() =>
      expect(lines.map(({ msg }) => msg)).toEqual([expect.stringContaining("it answered 404")]),
    );
    expect(JSON.stringify(lines)).not.toContain("SECRET");
  });

  test("that sends its visitors elsewhere is not followed", async () => {
    const elsewhere = await receiver((response) => response.end());
    const { url } = await receiver((response) => response.writeHead(307, { location: elsewhere.url }).end());
    expect(await sinkTo({ webhook: url }).sink.send(event())).toBe(false);
    expect(elsewhere.texts).toEqual([]);
  });

  test("that nobody answers keeps nothing waiting: not the service, and its end for some seconds only", async () => {
    const { url, texts } = await receiver(() => undefined);
    const { sink, lines } = sinkTo({ webhook: url });
    const start = performance.now();
    sink.send(event());
    expect(performance.now() - start).toBeLessThan(500);
    await vi.waitFor(() => expect(texts.length).toBe(1));
    const closing = performance.now();
    await sink.close();
    // Less than the time in which a receiver has to answer.
    expect(performance.now() - closing).toBeLessThan(9000);
    expect(lines.map(({ msg }) => msg).at(-1)).toContain("were not delivered");
  });

  test("where nothing listens: what waits is bounded, and what was left out is counted", async () => {
    const server = http.createServer();
    const port = await listening(server);
    server.close();
    const { sink, lines } = sinkTo({ webhook: `http://127.0.0.1:${port}/${SECRET}` });
    const sent = Array.from({ length: 230 }, (_, index) => sink.send(event({ title: `number ${index}` })));
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(0));
    expect(lines[0]!.msg).toContain("ECONNREFUSED");
    expect(JSON.stringify(lines)).not.toContain("SECRET");
    const texts: string[] = [];
    const later = http.createServer(async (request, response) => {
      texts.push(JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString()).text);
      response.end();
    });
    later.listen(port, "127.0.0.1");
    ends.push(() => later.close());
    expect((await Promise.all(sent)).filter(Boolean).length).toBe(200);
    expect(texts.length).toBe(1);
    expect(texts[0]).toContain("number 30");
    expect(texts[0]).not.toContain("number 29");
    expect(texts[0]).toMatch(/and 210 more; the services' logs have them all$/);
  });

  test("what waits when the process ends is sent then", async () => {
    const { url, texts } = await receiver((response) => response.end());
    const [sender] = alarmSenders({ webhook: url });
    const sink = createDelivery(sender!, { ...recordingLogger(), clock: systemClock, gatherMs: 60_000 });
    const sent = sink.send(event());
    await sink.close();
    expect(await sent).toBe(true);
    expect(texts.length).toBe(1);
  });
});

describe.concurrent("an e-mail", () => {
  test("has the service, the severity and the title in its subject, and plain text", async () => {
    const { host, mails } = await mailServer();
    const to = ["ana@shop.example", "bo@shop.example"];
    const { sink } = sinkTo({ mail: { smtpUrl: `smtp://${host}`, from: "Ingot <ingot@shop.example>", to } });
    const given = [
      event({ id: "a", state: "over", title: "orders are late" }),
      event({ title: "revenue\r\nBcc: eve@evil.example" }),
    ];
    expect(await Promise.all(given.map(sink.send))).toEqual([true, true]);
    expect(mails.length).toBe(1);
    const [head = "", body = ""] = mails[0]!.split(/\r\n\r\n(.*)/s);
    expect(head).toContain("From: Ingot <ingot@shop.example>");
    expect(head).toContain("To: ana@shop.example, bo@shop.example");
    expect(head).toContain("Content-Type: text/plain; charset=utf-8");
    expect(head).toContain("Auto-Submitted: auto-generated");
    expect(head.replace(/\r\n\s+/g, " ")).toContain(
      "Subject: [Ingot] aggregator error: revenue Bcc: eve@evil.example (and 1 more)",
    );
    expect(head).not.toMatch(/^Bcc/m);
    expect(body).toContain("aggregator, in order again: orders are late");
    expect(body).toContain("Expected: none.");
  });

  test("logs in where the server wants it; a wrong password is said once and not told", async () => {
    const { host, mails } = await mailServer({
      authOptional: false,
      onAuth: onlyFor("ingot", "pass:word"),
    });
    const mail = { from: "ingot@shop.example", to: ["ana@shop.example"] };
    const right = sinkTo({ mail: { ...mail, smtpUrl: `smtp://ingot:pass%3Aword@${host}` } });
    expect(await right.sink.send(event())).toBe(true);
    expect(mails.length).toBe(1);
    const wrong = sinkTo({ mail: { ...mail, smtpUrl: `smtp://ingot:hunter2@${host}` } });
    expect(await wrong.sink.send(event())).toBe(false);
    await vi.waitFor(() => expect(wrong.lines.length).toBe(1));
    expect(wrong.lines[0]!.msg).toContain(`alarms by e-mail (${host})`);
    expect(JSON.stringify(wrong.lines)).not.toContain("hunter2");
  });

  test("that a busy server puts off is sent later", async () => {
    let tries = 0;
    const { host, mails } = await mailServer({
      onRcptTo: (_address, _session, done) => {
        tries += 1;
        done(tries < 3 ? Object.assign(new Error("busy"), { responseCode: 450 }) : null);
      },
    });
    const mail = { smtpUrl: `smtp://${host}`, from: "ingot@shop.example", to: ["ana@shop.example"] };
    const { sink, lines } = sinkTo({ mail });
    expect(await sink.send(event())).toBe(true);
    expect([tries, mails.length]).toEqual([3, 1]);
    await vi.waitFor(() => expect(lines.map(({ level }) => level)).toEqual(["warn", "info"]));
  });
});

const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === "IPv4" && !address.internal)?.address;

test.skipIf(outside === undefined)(
  "a password goes to no other machine without TLS, unless it may",
  async () => {
    const asked: string[] = [];
    const server = await startMailServer(
      {
        onAuth: ({ username }, _session, done) => {
          asked.push(username!);
          done(null, { user: username });
        },
      },
      outside,
    );
    ends.push(server.close);
    const mail = { from: "ingot@shop.example", to: ["ana@shop.example"] };
    const smtpUrl = `smtp://ingot:hunter2@${server.host}`;
    const [strict] = alarmSenders({ mail: { ...mail, smtpUrl } });
    const message = { events: [event()], leftOut: 0 };
    await expect(strict!.send(message, AbortSignal.timeout(5000))).rejects.toThrow(/STARTTLS/);
    expect(asked).toEqual([]);
    const [lax] = alarmSenders({ mail: { ...mail, smtpUrl: `${smtpUrl}?tls=optional` } });
    await lax!.send(message, AbortSignal.timeout(5000));
    expect([asked, server.mails.length]).toEqual([["ingot"], 1]);
  },
);

describe("settings", () => {
  const none = {
    alarmWebhookUrl: undefined,
    alarmEmailTo: undefined,
    alarmEmailFrom: undefined,
    smtpUrl: undefined,
  };

  test("half of what an e-mail needs is an error that names the other half", () => {
    expect(alarmTargets(none)).toEqual({});
    expect(() => alarmTargets({ ...none, smtpUrl: "smtp://mail" })).toThrow(/ALARM_EMAIL_TO .* is not/);
    expect(() => alarmTargets({ ...none, alarmEmailTo: ["ana@shop.example"] })).toThrow(/SMTP_URL .* is not/);
    expect(
      alarmTargets({ ...none, alarmEmailTo: ["ana@shop.example"], smtpUrl: "smtp://mail" }).mail,
    ).toEqual({
      smtpUrl: "smtp://mail",
      from: "ana@shop.example",
      to: ["ana@shop.example"],
    });
  });
});
