import { type AlarmEvent, messageOf, type Settings } from "@ingot/common";
import { type AlarmTargets, alarmSenders, alarmTargets, verifySmtp } from "@ingot/common/alarms";
import { type Finding, failed, fine, warning } from "./finding.ts";
import { askServer } from "./http-answer.ts";
import { isNearby } from "./settings.ts";
import { within } from "./within.ts";

const WEBHOOK = "ALARM_WEBHOOK_URL";
const SMTP = "SMTP_URL";

/** Whether those answer that alarms are sent to. Nothing is sent. Where half of the settings is missing, they tell. */
export async function checkAlarms(settings: Settings, now: () => Date): Promise<Finding[]> {
  const targets = targetsOf(settings);
  if (!targets) return [];
  const { webhook, mail } = targets;
  if (webhook === undefined && !mail) {
    return [
      fine("alarms", "", `alarms go to the services' logs alone (${WEBHOOK} and ALARM_EMAIL_TO send them)`),
    ];
  }
  const findings: Finding[] = [];
  if (webhook !== undefined) findings.push(await checkWebhook(new URL(webhook), now));
  if (mail) findings.push(await checkMail(mail.smtpUrl));
  return findings;
}

/** Sends a trial alarm by each way. */
export async function tryAlarms(settings: Settings, now: () => Date): Promise<Finding[]> {
  const targets = targetsOf(settings);
  if (!targets) return [];
  const senders = alarmSenders(targets);
  if (senders.length === 0) {
    const remedy = `Set ${WEBHOOK}, or ALARM_EMAIL_TO and ${SMTP}.`;
    return [failed("alarms", WEBHOOK, "There is nowhere to send a trial alarm to.", remedy)];
  }
  const message = { events: [trial(now())], leftOut: 0 };
  return Promise.all(
    senders.map(async ({ name, send }) => {
      try {
        await within(send(message, AbortSignal.timeout(TRIAL_MS)), TRIAL_MS);
        return fine("alarms", "", `a trial alarm was taken by ${name}`);
      } catch (error) {
        const subject = name.startsWith("webhook") ? WEBHOOK : SMTP;
        const detail = `A trial alarm was not taken by ${name}: ${messageOf(error)}.`;
        return failed("alarms", subject, detail, `Correct ${subject}, or mend what it names.`);
      }
    }),
  );
}

const TRIAL_MS = 15_000;

function trial(at: Date): AlarmEvent {
  return {
    id: "doctor/trial",
    service: "doctor",
    severity: "warn",
    state: "raised",
    title: "this is a trial alarm",
    details: "Somebody called `ingot doctor --alarm-test`. Nothing is wrong.",
    at,
  };
}

/** `undefined` where the settings are at fault, which is told with them. */
function targetsOf(settings: Settings): AlarmTargets | undefined {
  try {
    return alarmTargets(settings);
  } catch {
    return undefined;
  }
}

async function checkWebhook(url: URL, now: () => Date): Promise<Finding> {
  // The path is the secret, and whoever gets it may take it as a message.
  const outcome = await askServer(new URL("/", url.origin), now);
  if (!("answer" in outcome)) {
    const detail = `Nothing answers at ${url.origin}, where ${WEBHOOK} posts alarms (${outcome.code}).`;
    const remedy = `Correct ${WEBHOOK}, or let ${url.host} through from here.`;
    return failed("alarms", WEBHOOK, detail, remedy);
  }
  if (url.protocol === "http:" && !isNearby(url.hostname)) {
    const detail = `${WEBHOOK} begins with http://: alarms and the secret in the address cross the network unencrypted.`;
    return warning("alarms", WEBHOOK, detail, `Set ${WEBHOOK} to the https:// address.`);
  }
  return fine("alarms", "", `${url.origin} answers; \`ingot doctor --alarm-test\` sends a trial alarm there`);
}

async function checkMail(smtpUrl: string): Promise<Finding> {
  const { host, username } = new URL(smtpUrl);
  try {
    await within(verifySmtp(smtpUrl));
  } catch (error) {
    const detail = `The mail server ${host} does not take e-mails: ${messageOf(error)}.`;
    return failed("alarms", SMTP, detail, `Correct host, port, user and password in ${SMTP}.`);
  }
  const access = username === "" ? "answers" : "answers and accepts user and password";
  return fine(
    "alarms",
    "",
    `the mail server ${host} ${access}; \`ingot doctor --alarm-test\` sends a trial e-mail`,
  );
}
