import { IngotError } from "../errors.ts";
import type { Settings } from "../options.ts";
import type { AlarmSender } from "./delivery.ts";
import type { MailTarget } from "./mail-sender.ts";

export type AlarmSettings = Pick<Settings, "alarmWebhookUrl" | "alarmEmailTo" | "alarmEmailFrom" | "smtpUrl">;

/** Where alarms are sent to. */
export interface AlarmTargets {
  webhook?: string;
  mail?: MailTarget;
}

/** @throws IngotError `invalid_option` where half of what an e-mail needs is missing */
export function alarmTargets({
  alarmWebhookUrl,
  alarmEmailTo,
  alarmEmailFrom,
  smtpUrl,
}: AlarmSettings): AlarmTargets {
  const webhook = alarmWebhookUrl === undefined ? {} : { webhook: alarmWebhookUrl };
  if (alarmEmailTo === undefined && smtpUrl === undefined) return webhook;
  if (alarmEmailTo === undefined) throw missing("ALARM_EMAIL_TO", "SMTP_URL", "who gets the alarms");
  if (smtpUrl === undefined) throw missing("SMTP_URL", "ALARM_EMAIL_TO", "the mail server");
  return { ...webhook, mail: { smtpUrl, to: alarmEmailTo, from: alarmEmailFrom ?? alarmEmailTo[0]! } };
}

function missing(variable: string, given: string, meaning: string): IngotError {
  const text = `${given} is set, but ${variable} (${meaning}) is not. Set both to get alarms by e-mail, or neither.`;
  return new IngotError("invalid_option", text, { context: { variable } });
}

/** Ways to send. What they need is loaded when there is something to send. */
export function alarmSenders({ webhook, mail }: AlarmTargets): AlarmSender[] {
  const senders: AlarmSender[] = [];
  if (webhook !== undefined) {
    senders.push({
      name: `webhook (${new URL(webhook).host})`,
      send: async (...given) => (await import("./webhook-sender.ts")).webhookSender(webhook)(...given),
    });
  }
  if (mail) {
    senders.push({
      name: `e-mail (${new URL(mail.smtpUrl).host})`,
      send: async (...given) => (await import("./mail-sender.ts")).mailSender(mail)(...given),
    });
  }
  return senders;
}

/** Connects to a mail server and logs in, and sends nothing. @throws Error that tells no secret */
export async function verifySmtp(smtpUrl: string): Promise<void> {
  return (await import("./mail-sender.ts")).verifySmtp(smtpUrl);
}
