import { type Command, type CommandContext, IngotError, ROLES, type Role } from "@ingot/common";
import { checkAlarms, tryAlarms } from "../doctor/alarms.ts";
import { examine } from "../doctor/examine.ts";
import { type Finding, notChecked } from "../doctor/finding.ts";
import { describeFinding, describeSkipped, summarise } from "../doctor/report.ts";
import { checkFolder } from "../doctor/role-credentials.ts";
import { checkSettings, DOCTOR_OPTIONS } from "../doctor/settings.ts";

export const doctorCommand: Command = {
  name: "doctor",
  summary: "Check a deployment, and say how to mend what is found.",
  description: `Settings, the way to the store, clocks, credentials, buckets, the permissions of each user, whether
the store behaves as Ingot needs it to, what lies in the lake, and whether those answer that alarms are
sent to. First causes come first; what depends on one that failed is not checked. It leaves nothing
behind, reads no file of yours, and may be called at any time.

  ✓ in order   ! works, but should be mended   ✗ failed   - not checked     -> what to do

Without --role and --credentials it checks that the given credentials can do all that \`ingot up\` does.`,
  flags: {
    role: {
      value: "ROLE",
      help: `check that the credentials can do what this role needs and no more: ${ROLES.join(", ")}`,
    },
    credentials: {
      value: "FOLDER",
      help: "check every role with its own credentials, in the folder that `ingot credentials` filled",
    },
    "alarm-test": { help: "send a trial alarm to where ALARM_WEBHOOK_URL and SMTP_URL say" },
    json: { help: "print an array of {check, subject, status, detail, remedy}" },
  },
  options: DOCTOR_OPTIONS,
  examples: [
    "ingot doctor",
    "ingot doctor --alarm-test",
    "ingot doctor --lake s3:// --s3-endpoint http://127.0.0.1:9000 --credentials infra/secrets",
    "docker compose run --rm doctor",
  ],
  run: runDoctor,
};

async function runDoctor({ settings, flags, clock, print }: CommandContext): Promise<void> {
  const role = roleOf(flags.role);
  const folder = typeof flags.credentials === "string" ? flags.credentials : undefined;
  if (folder !== undefined) checkFolder(folder);
  if (settings.lakeUrl.protocol !== "s3:" && (role !== undefined || folder !== undefined)) {
    const text =
      "A folder has no users of its own: --role and --credentials are for lakes on a store (LAKE_URL=s3://).";
    throw new IngotError("usage", text);
  }
  const isJson = flags.json === true;
  const findings: Finding[] = [];
  const show = isJson ? () => undefined : printer(print);
  const add = (finding: Finding): void => {
    findings.push(finding);
    show(finding);
  };
  const { findings: about, location } = checkSettings(settings);
  about.forEach(add);
  if (location) {
    for await (const finding of examine({ settings, location, now: clock.now }, { role, folder }))
      add(finding);
  } else add(notChecked("lake", "", "the settings have to be mended first"));
  const isTrial = flags["alarm-test"] === true;
  for (const finding of await (isTrial ? tryAlarms : checkAlarms)(settings, clock.now)) add(finding);
  show(undefined);
  if (isJson) print(JSON.stringify(findings, undefined, 2));
  const summary = summarise(findings);
  if (findings.some(({ status }) => status === "failed")) {
    throw new IngotError("unhealthy", `${summary}. Begin with the first ✗: others may come from it.`);
  }
  if (!isJson) print(`\n${summary}.`);
}

function roleOf(given: string | boolean | undefined): Role | undefined {
  if (given === undefined) return undefined;
  const role = ROLES.find((name) => name === given);
  if (role) return role;
  throw new IngotError("usage", `--role is "${given}". Allowed: ${ROLES.join(", ")}.`);
}

/** Not checked for the same reason, and about nothing in particular. */
function isAlike(a: Finding, b: Finding): boolean {
  return a.detail === b.detail && a.subject === "" && b.subject === "";
}

/** Prints findings as they come; those that were not checked for one reason together, before what follows. */
function printer(print: (line: string) => void): (finding: Finding | undefined) => void {
  const columns = process.stdout.columns ?? 100;
  let skipped: Finding[] = [];
  return (finding) => {
    const [first] = skipped;
    if (finding?.status === "skipped" && (!first || isAlike(first, finding))) {
      skipped.push(finding);
      return;
    }
    if (first) print(describeSkipped(skipped, columns));
    skipped = finding?.status === "skipped" ? [finding] : [];
    if (finding && finding.status !== "skipped") print(describeFinding(finding, columns));
  };
}
