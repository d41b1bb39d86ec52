import { createTransport } from "nodemailer";
import { messageOf } from "../errors.ts";
import { RefusedError } from "../outbox.ts";
import type { AlarmSender } from "./delivery.ts";
import { mailText } from "./message.ts";

export interface MailTarget {
  /** A secret where it has a password: `smtp://user:password@host:587`, `smtps://…`. */
  smtpUrl: string;
  from: string;
  to: readonly string[];
}

const ANSWER_MS = 10_000;

/** Sends alarms as e-mails, each message over a connection of its own. */
export function mailSender({ smtpUrl, from, to }: MailTarget): AlarmSender["send"] {
  return async (message, signal) => {
    const connection = createTransport(transportOptions(smtpUrl));
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new Error("it does not answer")), { once: true });
    });
    late.catch(() => undefined);
    const headers = { "Auto-Submitted": "auto-generated" };
    const sent = connection.sendMail({ from, to: [...to], ...mailText(message), headers });
    try {
      await Promise.race([sent, late]);
    } catch (error) {
      throw refused(error);
    } finally {
      connection.close();
    }
  };
}

/** Connects and logs in, and sends nothing. @throws Error that tells no secret */
export async function verifySmtp(smtpUrl: string): Promise<void> {
  const connection = createTransport(transportOptions(smtpUrl));
  try {
    await connection.verify();
  } catch (error) {
    throw refused(error);
  } finally {
    connection.close();
  }
}

function transportOptions(smtpUrl: string) {
  const { protocol, hostname, port, username, password, searchParams } = new URL(smtpUrl);
  const secure = protocol === "smtps:";
  const isHere = /^(localhost|127\..*|\[::1\])$/.test(hostname);
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (secure ? 465 : 587) : Number(port),
    secure,
    ...(username === ""
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    // A password does not cross a network in the clear because somebody in between left out the offer of TLS.
    requireTLS: username !== "" && !secure && !isHere && searchParams.get("tls") !== "optional",
    connectionTimeout: ANSWER_MS,
    greetingTimeout: ANSWER_MS,
    socketTimeout: ANSWER_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function refused(error: unknown): Error {
  const { code, responseCode = 0 } = error as { code?: string; responseCode?: number };
  const isFinal = responseCode >= 500 || code === "EAUTH" || code === "ENOAUTH";
  return isFinal ? new RefusedError(messageOf(error)) : new Error(messageOf(error));
}
