import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** What a network can do to one connection. Each fault is used up by the request that it strikes. */
export interface Fault {
  /** Strikes a connection whose request's first bytes match. */
  request: RegExp;
  /**
   * `cut`: the connection breaks after `after` bytes of the answer. `stall`: no more bytes come after as many, and
   * it stays open. `lose`: the server gets the request, and its answer never arrives. `rewrite`: `from` in the answer
   * becomes `to`, of the same length. `reset`: the connection breaks, and the server gets nothing. `refuse`: the server
   * gets nothing, and the answer is 503.
   */
  kind: "cut" | "stall" | "lose" | "rewrite" | "reset" | "refuse";
  after?: number;
  from?: string;
  to?: string;
}

export interface FaultyProxy {
  endpoint: string;
  faults: Fault[];
  /** Asked about each request that none of `faults` strikes. */
  strike: () => Omit<Fault, "request"> | undefined;
  /** Milliseconds by which each piece of a request or an answer comes late. */
  delayMs: number;
  /** First lines of the requests that came through. */
  requests: string[];
  /** Refuses and breaks all connections while it is set. */
  isDown: boolean;
  close(): Promise<void>;
}

/** Passes connections on to a real server, byte by byte, except where it was told to fail. */
export async function faultyProxy(target: string): Promise<FaultyProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    if (proxy.isDown) return void client.resetAndDestroy();
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // What breaks on one side breaks on the other; that is what this is for.
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    }
    relay(client, upstream, proxy);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy: FaultyProxy = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults: [],
    strike: () => undefined,
    delayMs: 0,
    requests: [],
    isDown: false,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}

const REFUSAL = "HTTP/1.1 503 Slow Down\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

function relay(client: Socket, upstream: Socket, proxy: FaultyProxy): void {
  let fault: Omit<Fault, "request"> | undefined;
  let answered = 0;
  const up = late(proxy);
  const down = late(proxy);
  // What a client that is gone has sent is not delivered any more; what the server has answered is.
  client.on("close", () => upstream.destroy());
  upstream.on("close", () => down(() => client.destroy()));
  client.on("data", (chunk) => {
    if (proxy.isDown) return void client.resetAndDestroy();
    const head = chunk.toString("latin1");
    if (/^[A-Z]+ \//.test(head)) {
      proxy.requests.push(head.slice(0, head.indexOf("\r\n")));
      answered = 0;
      const index = proxy.faults.findIndex(({ request }) => request.test(head));
      fault = index < 0 ? proxy.strike() : proxy.faults.splice(index, 1)[0];
      if (fault?.kind === "reset") client.resetAndDestroy();
      if (fault?.kind === "refuse") client.end(REFUSAL);
    }
    if (fault?.kind !== "reset" && fault?.kind !== "refuse") up(() => upstream.write(chunk));
  });
  upstream.on("data", (chunk) => down(() => answer(chunk)));

  function answer(chunk: Buffer): void {
    if (client.destroyed) return;
    if (proxy.isDown || fault?.kind === "lose") return void client.resetAndDestroy();
    const { kind, after = 0, from = "", to = "" } = fault ?? {};
    if (kind === "rewrite") {
      client.write(Buffer.from(chunk.toString("latin1").replaceAll(from, to), "latin1"));
      return;
    }
    const passed = kind === undefined ? chunk : chunk.subarray(0, Math.max(0, after - answered));
    answered += chunk.length;
    if (passed.length > 0 && !client.write(passed)) {
      upstream.pause();
      client.once("drain", () => upstream.resume());
    }
    if (kind === "cut" && answered > after) client.resetAndDestroy();
  }
}

/** Does things one after the other, each as late as the proxy is at that time. */
function late(proxy: FaultyProxy): (work: () => void) => void {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    if (proxy.delayMs === 0 && waiting === 0) return work();
    waiting += 1;
    const due = delay(proxy.delayMs);
    last = last
      .then(() => due)
      .then(() => {
        waiting -= 1;
        work();
      });
  };
}
