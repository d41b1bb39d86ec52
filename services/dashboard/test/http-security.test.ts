import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { CUBE, expectError, serve, TOKEN } from "./http-support.ts";

const basic = (password: string, user = "anyone"): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

describe("the token", () => {
  test("is required where others can reach the dashboard", async () => {
    for (const host of ["0.0.0.0", "::", "192.168.0.7", "shop.example.com", "127.0.0.1.example.com"]) {
      const starting = serve({ host });
      await expect(starting).rejects.toMatchObject({
        code: "invalid_option",
        context: { variable: "DASHBOARD_TOKEN" },
        message: expect.stringContaining("openssl rand -hex 24"),
      });
    }
    await expect(serve({ host: "0.0.0.0", token: "short" })).rejects.toMatchObject({
      code: "invalid_option",
    });
    for (const host of ["127.0.0.1", "127.1.2.3", "localhost", "::1"]) await serve({ host });
  });

  test("is taken as bearer and as any user's password, and nothing else is", async () => {
    const { get } = await serve({ host: "0.0.0.0", token: TOKEN });
    for (const authorization of [`Bearer ${TOKEN}`, `bearer  ${TOKEN}`, basic(TOKEN), basic(TOKEN, "")]) {
      expect((await get("/api/settings", { authorization })).statusCode).toBe(200);
    }
    for (const authorization of [
      "",
      "Bearer",
      `Digest ${TOKEN}`,
      TOKEN,
      "Basic !",
      basic(`${TOKEN}x`),
      `Bearer ${TOKEN}x`,
    ]) {
      const answer = await get("/api/settings", { authorization });
      const { message } = expectError(answer, 401, "unauthorized");
      expect(answer.headers["www-authenticate"]).toMatch(/^Basic realm=/);
      expect(message).toContain("Authorization: Bearer");
    }
  });

  test("guards everything but health, on this machine too where one is set", async () => {
    const { get } = await serve({ token: TOKEN });
    for (const url of [
      "/",
      "/api/settings",
      "/api/events",
      "/api/docs",
      "/api/openapi.json",
      "/nope",
      "/api/nope",
      "/%2e",
    ]) {
      expectError(await get(url), 401, "unauthorized");
    }
    expect((await get("/health")).json()).toEqual({ status: "ok" });
  });

  test("does not stand in the log", async () => {
    const fail = async () => {
      throw new Error("broken");
    };
    const { get, lines } = await serve({ token: TOKEN, cube: { ...CUBE, report: fail } });
    await get(`/api/sales?product=${TOKEN}`, { authorization: `Bearer ${TOKEN}` });
    await get("/api/sales", { authorization: "Bearer wrong-one" });
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toMatch(new RegExp(`${TOKEN}|wrong-one`));
  });
});

describe("guessing", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test("is slowed down for an address, and for no other", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const { app } = await serve({ host: "0.0.0.0", token: TOKEN });
    const ask = (token: string, remoteAddress: string) =>
      app.inject({ url: "/api/settings", remoteAddress, headers: { authorization: `Bearer ${token}` } });
    const statuses = async (count: number, token: string, address: string) => {
      const all: number[] = [];
      for (let at = 0; at < count; at++) all.push((await ask(token, address)).statusCode);
      return all;
    };
    expect(await statuses(12, "wrong", "10.0.0.1")).toEqual([...Array(10).fill(401), 429, 429]);
    const refused = await ask(TOKEN, "10.0.0.1");
    expectError(refused, 429, "too_many_attempts");
    expect(refused.headers["retry-after"]).toBe("3");
    expect(await statuses(2, TOKEN, "10.0.0.2")).toEqual([200, 200]);
    vi.advanceTimersByTime(3_000);
    expect(await statuses(2, "wrong", "10.0.0.1")).toEqual([401, 429]);
    vi.advanceTimersByTime(3_000);
    expect(await statuses(3, TOKEN, "10.0.0.1")).toEqual([200, 200, 200]);
    // A network of IPv6 is one user's.
    expect(await statuses(10, "wrong", "2001:db8:1:2::1")).not.toContain(429);
    expect(await statuses(1, "wrong", "2001:db8:1:2:ffff::9")).toEqual([429]);
    expect(await statuses(1, "wrong", "2001:db8:1:3::1")).toEqual([401]);
  });
});

describe("requests from elsewhere", () => {
  test("by another name than this machine's are refused", async () => {
    const { get } = await serve();
    for (const host of [
      "localhost",
      "localhost:8080",
      "127.0.0.1:8080",
      "[::1]:8080",
      "LOCALHOST",
      "127.9.9.9",
    ]) {
      expect((await get("/api/settings", { host })).statusCode).toBe(200);
    }
    for (const host of [
      "evil.example",
      "localhost.evil.example",
      "evil.example:8080",
      "127.0.0.1.evil.example",
      "[::2]",
    ]) {
      expectError(await get("/api/settings", { host }), 421, "invalid_host");
      expectError(await get("/", { host }), 421, "invalid_host");
    }
  });

  test("by any name are answered where the token guards", async () => {
    const { get } = await serve({ host: "0.0.0.0", token: TOKEN });
    const headers = { host: "shop.example", authorization: `Bearer ${TOKEN}` };
    expect((await get("/api/settings", headers)).statusCode).toBe(200);
  });

  test("get no permission to read across origins, and all headers that protect", async () => {
    const { get } = await serve();
    for (const url of [
      "/api/settings",
      "/",
      "/nope",
      "/api/nope",
      "/health",
      "/api/docs",
      "/api/sales/products.csv",
    ]) {
      const { headers } = await get(url, { origin: "https://evil.example" });
      expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
      expect(headers).toMatchObject({
        "content-security-policy": expect.stringMatching(
          /^default-src 'none'; script-src 'self'; style-src 'self';/,
        ),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
      });
      expect(headers["content-security-policy"]).not.toContain("unsafe");
    }
  });
});

describe("the page", () => {
  const built = () => {
    const folder = mkdtempSync(path.join(tmpdir(), "ingot-page-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(path.join(folder, "assets"));
    const put = (name: string, text: string) => {
      writeFileSync(path.join(folder, name), text);
      writeFileSync(path.join(folder, `${name}.br`), brotliCompressSync(text));
      writeFileSync(path.join(folder, `${name}.gz`), gzipSync(text));
    };
    put("index.html", "<!doctype html><title>Ingot</title>");
    put("assets/index-Ab12.js", "console.log(1)");
    return folder;
  };

  test("is asked for anew each time, its assets never", async () => {
    const { get } = await serve({ pageFolder: built() });
    const page = await get("/");
    expect([page.statusCode, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect([page.headers["cache-control"], page.headers.vary]).toEqual([
      "no-cache",
      expect.stringMatching(/accept-encoding/i),
    ]);
    expect((await get("/", { "if-none-match": String(page.headers.etag) })).statusCode).toBe(304);
    const asset = await get("/assets/index-Ab12.js");
    expect(asset.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(asset.headers["content-type"]).toMatch(/javascript/);
    expect((await get("/assets/index-old.js")).statusCode).toBe(404);
  });

  test("comes compressed where the browser takes that", async () => {
    const { get } = await serve({ pageFolder: built() });
    for (const [accepted, encoding] of [
      ["gzip, deflate, br", "br"],
      ["gzip", "gzip"],
      ["identity", undefined],
    ] as const) {
      for (const url of ["/", "/assets/index-Ab12.js"]) {
        const { headers } = await get(url, { "accept-encoding": accepted });
        expect([headers["content-encoding"], headers["content-type"]]).toEqual([
          encoding,
          expect.stringMatching(/html|javascript/),
        ]);
      }
    }
  });

  test("says how to build it where it was not", async () => {
    const { get } = await serve({ pageFolder: path.join(tmpdir(), "ingot-no-page") });
    const answer = await get("/");
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain("node services/dashboard/build-page.mjs");
  });
});

test("what is no HTTP, or too long, is answered so too", async () => {
  const { app } = await serve({});
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.addresses()[0] as AddressInfo;
  const say = (text: string) =>
    new Promise<string>((resolve) => {
      let heard = "";
      const socket = connect(port, "127.0.0.1", () => socket.write(text));
      socket.on("data", (bytes) => {
        heard += bytes;
      });
      socket.on("error", () => resolve(heard));
      socket.on("close", () => resolve(heard));
    });
  const noHttp = await say("hello\r\n\r\n");
  expect(noHttp).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(noHttp).toContain('"code":"invalid_request"');
  const tooLong = await say(
    `GET /api/sales?product=${"x".repeat(140_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
  );
  expect(tooLong).toMatch(/^HTTP\/1\.1 431 /);
  expect(tooLong).toContain('"code":"too_large"');
  expect(tooLong).toContain("content-security-policy: default-src 'none'");
});
