import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export interface MailServer {
  /** Address and port. */
  host: string;
  /** What it was sent, heads included. */
  mails: string[];
  close(): Promise<void>;
}

/**
 * A real mail server on a free port, which keeps what it is sent.
 *
 * @param address of this machine
 */
export async function startMailServer(
  options: SMTPServerOptions = {},
  address = "127.0.0.1",
): Promise<MailServer> {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS"],
    logger: false,
    onData: async (stream, _session, done) => {
      mails.push(Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>)).toString());
      done();
    },
    ...options,
  });
  server.on("error", () => undefined);
  server.listen(0, address);
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  return {
    host: `${address}:${port}`,
    mails,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

/** Lets one user in. */
export const onlyFor =
  (user: string, secret: string): SMTPServerOptions["onAuth"] =>
  ({ username, password }, _session, done) =>
    done(username === user && password === secret ? null : new Error("Invalid"), { user: username });
