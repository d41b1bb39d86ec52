import { once } from "node:events";
import { type IncomingMessage, get as request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { expectError, handLive, serve } from "./http-support.ts";

afterEach(() => {
  vi.useRealTimers();
});

async function listen() {
  const live = handLive();
  const { app } = await serve({ live });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return { app, live, port: (app.addresses()[0] as AddressInfo).port };
}

interface Stream {
  response: IncomingMessage;
  text: () => string;
  /** Resolves when this was heard. */
  heard: (text: string) => Promise<void>;
  ended: Promise<void>;
}

function open(port: number): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", path: "/api/events", agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => {
        text += part;
      });
      const ended = new Promise<void>((end) => response.on("close", end).on("error", () => end()));
      const heard = (wanted: string) =>
        vi.waitFor(() => expect(text).toContain(wanted), { interval: 2, timeout: 10_000 });
      resolve({ response, text: () => text, heard, ended });
    });
    sent.on("error", reject);
    onTestFinished(() => {
      sent.destroy();
    });
  });
}

/** A connection that listens to events, and has heard of them. */
async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  socket.write("GET /api/events HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await once(socket, "data");
  return socket;
}

describe("events", () => {
  test("begin with hello, and tell what changes to all who listen", async () => {
    const { live, port } = await listen();
    const streams = [await open(port), await open(port)];
    expect(streams[0]?.response.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringContaining("default-src 'none'"),
    });
    for (const { heard } of streams) {
      await heard(
        'retry: 1000\n\nid: 0\nevent: hello\ndata: {"version":"0.1.0","gold":"g1","stores":"s1"}\n\n',
      );
    }
    live.tell({ name: "gold", data: { gold: "g2", updated_at: "2024-01-01T00:00:00.000Z" } });
    live.tell({ name: "status", data: { at: "2024-01-01T00:00:01.000Z" } });
    for (const { heard } of streams) {
      await heard('id: 1\nevent: gold\ndata: {"gold":"g2","updated_at":"2024-01-01T00:00:00.000Z"}\n\n');
      await heard('id: 2\nevent: status\ndata: {"at":"2024-01-01T00:00:01.000Z"}\n\n');
    }
    expect(live.listeners.size).toBe(1);
  });

  test("keep the connection, and nobody is listened to when all have left", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const { live, port } = await listen();
    const stream = await open(port);
    await stream.heard("hello");
    vi.advanceTimersByTime(15_000);
    vi.useRealTimers();
    await stream.heard(": still here\n\n");
    stream.response.destroy();
    await vi.waitFor(() => expect(live.listeners.size).toBe(0), { interval: 2, timeout: 10_000 });
  });

  test("end at once when the server stops", async () => {
    const { app, port } = await listen();
    const streams = [await open(port), await open(port)];
    const start = performance.now();
    await app.close();
    await Promise.all(streams.map(({ ended }) => ended));
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  test("are not kept for a client that does not read them", async () => {
    const { live, port } = await listen();
    const [reader, sleeper] = [await openSocket(port), await openSocket(port)];
    let bytesRead = 0;
    reader.on("data", (bytes) => {
      bytesRead += bytes.length;
    });
    sleeper.pause();
    const gold = "x".repeat(50_000);
    for (let told = 1; told <= 300; told++) {
      live.tell({ name: "gold", data: { gold, updated_at: "" } });
      // Whoever reads keeps up.
      while (bytesRead < told * gold.length) await once(reader, "data");
    }
    sleeper.resume();
    await once(sleeper, "close");
    expect(sleeper.bytesRead).toBeLessThan(300 * gold.length);
    expect(reader.closed).toBe(false);
  });

  test("are for 200 at once", async () => {
    const { app, port } = await listen();
    const streams = await Promise.all(Array.from({ length: 200 }, () => open(port)));
    const answer = await app.inject("/api/events");
    expectError(answer, 503, "too_many_clients");
    expect(answer.headers["retry-after"]).toBe("30");
    streams[0]?.response.destroy();
    await vi.waitFor(async () => expect((await open(port)).response.statusCode).toBe(200), {
      timeout: 10_000,
    });
  });

  test("answer HEAD without beginning", async () => {
    const { app, live } = await listen();
    const answer = await app.inject({ url: "/api/events", method: "HEAD" });
    expect([answer.statusCode, answer.headers["content-type"]]).toEqual([
      200,
      "text/event-stream; charset=utf-8",
    ]);
    expect(live.listeners.size).toBe(0);
  });
});
