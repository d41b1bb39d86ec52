import path from "node:path";
import { pathToFileURL } from "node:url";

/** How the text of one option becomes a value. `parse` answers `undefined` where the text is not allowed. */
export interface OptionType<T> {
  parse(text: string): T | undefined;
  /** What is allowed, for help and errors: "a duration such as 500ms, 5s, 2m". */
  allowed: string;
}

export const text: OptionType<string> = { parse: (value) => value, allowed: "any text" };

export const switchType: OptionType<boolean> = {
  parse: (value) =>
    /^(true|1|yes|on)$/i.test(value) ? true : /^(false|0|no|off)$/i.test(value) ? false : undefined,
  allowed: "true or false",
};

export function integer(min: number, max: number): OptionType<number> {
  return {
    parse: (value) => {
      const number = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
      return number >= min && number <= max ? number : undefined;
    },
    allowed: `a whole number from ${min} to ${max}`,
  };
}

export function choice<const T extends string>(...values: readonly T[]): OptionType<T> {
  return { parse: (value) => values.find((known) => known === value), allowed: values.join(", ") };
}

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Timers cannot wait for 2^31 ms, which is in the 25th day. */
const MAX_TIMER_DAYS = 24;

/** Milliseconds. A number without a unit counts seconds. */
export function duration(minMs: number, maxDays = MAX_TIMER_DAYS): OptionType<number> {
  return {
    parse: (value) => {
      const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(value);
      const ms = match ? Number(match[1]) * MILLISECONDS[match[2] ?? "s"]! : Number.NaN;
      return ms >= minMs && ms <= maxDays * MILLISECONDS.d! ? Math.round(ms) : undefined;
    },
    allowed: `a duration such as 500ms, 5s or 2m, from ${minMs}ms to ${maxDays}d`,
  };
}

export const timezone: OptionType<string> = {
  parse: (value) => {
    // Intl takes offsets such as +02:00 as well.
    if (!/^[a-z]/i.test(value)) return undefined;
    try {
      return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone;
    } catch {
      return undefined;
    }
  },
  allowed: "an IANA time zone such as UTC or Europe/Paris",
};

/** Name by name numbers, `orders=200,clicks=500`; a lone number is kept under the name `*`. */
export function numbers(min: number, max: number, example: string): OptionType<Record<string, number>> {
  return {
    parse: (value) => {
      const result: Record<string, number> = {};
      for (const part of value.split(",")) {
        const match = /^(?:([a-z_]+)=)?(\d+(?:\.\d+)?)$/.exec(part.trim());
        const number = Number(match?.[2]);
        if (!match || !(number >= min && number <= max)) return undefined;
        result[match[1] ?? "*"] = number;
      }
      return result;
    },
    allowed: `numbers from ${min} to ${max}, such as ${example}`,
  };
}

const PIPELINE_NAME = /^[a-z][a-z0-9-]*$/;

/** Names of pipelines with commas between them. */
export const pipelineNames: OptionType<readonly string[]> = {
  parse: (value) => {
    const names = value.split(",").map((part) => part.trim());
    return names.every((name) => PIPELINE_NAME.test(name)) ? names : undefined;
  },
  allowed: "names of pipelines with commas between them, such as sme-sales,wine-merchant",
};

/** A schedule for each named pipeline: the five fields of cron, `arrival` or `off`. Who uses it reads the fields. */
export const pipelineSchedules: OptionType<Readonly<Record<string, string>>> = {
  parse: (value) => {
    const schedules: Record<string, string> = {};
    for (const part of value.split(";").filter((text) => text.trim() !== "")) {
      const [name = "", schedule = ""] = part.split(/=(.*)/s).map((text) => text.trim());
      if (!PIPELINE_NAME.test(name) || schedule === "") return undefined;
      schedules[name] = schedule.replace(/\s+/g, " ");
    }
    return Object.keys(schedules).length === 0 ? undefined : schedules;
  },
  allowed:
    "for each pipeline a cron text of five fields, arrival or off, such as wine-merchant=0 9 15 * *; retail-stores=off",
};

/** The rules that every S3 store accepts for bucket names; folders follow the same. */
export const bucketName: OptionType<string> = {
  parse: (value) => (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value) ? value : undefined),
  allowed: "3 to 63 of a-z, 0-9, dot and hyphen, beginning and ending with a letter or digit",
};

export const bucketPrefix: OptionType<string> = {
  parse: (value) => (/^[a-z0-9][a-z0-9.-]{0,40}$/.test(value) ? value : undefined),
  allowed: "up to 41 of a-z, 0-9, dot and hyphen, such as acme-",
};

export const httpUrl: OptionType<string> = {
  parse: (value) =>
    URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) ? value.replace(/\/+$/, "") : undefined,
  allowed: "an address such as http://127.0.0.1:9000",
};

/** An address that is called as it is; its path may be a secret. */
export const webhookUrl: OptionType<string> = {
  parse: (value) => (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) ? value : undefined),
  allowed: "an address such as https://hooks.slack.com/services/…",
};

export const smtpUrl: OptionType<string> = {
  parse: (value) => {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    return url && /^smtps?:$/.test(url.protocol) && url.hostname !== "" ? value : undefined;
  },
  allowed: "smtp://user:password@host:587 or smtps://user:password@host",
};

const MAIL_ADDRESS = /^[^\s@<>,;"]+@[^\s@<>,;"]+$/;

/** One address, also with a name before it. */
export const mailAddress: OptionType<string> = {
  parse: (value) => {
    const address = /^[^<>\r\n]*<([^<>]+)>$/.exec(value)?.[1] ?? value;
    return MAIL_ADDRESS.test(address) ? value : undefined;
  },
  allowed: "an e-mail address such as ingot@shop.example or Ingot <ingot@shop.example>",
};

export const mailAddresses: OptionType<readonly string[]> = {
  parse: (value) => {
    const addresses = value.split(",").map((part) => part.trim());
    return addresses.every((address) => MAIL_ADDRESS.test(address)) ? addresses : undefined;
  },
  allowed: "e-mail addresses with commas between them",
};

/** Where a server listens. */
export const host: OptionType<string> = {
  parse: (value) => (/^[a-z0-9:][a-z0-9.:-]*$/i.test(value) ? value : undefined),
  allowed: "an IP address such as 127.0.0.1, 0.0.0.0 or ::1, or a host name",
};

/** What whoever opens a page has to know. It travels in headers, so nothing that these cannot carry. */
export const token: OptionType<string> = {
  parse: (value) => (/^[\x21-\x7e]{16,256}$/.test(value) ? value : undefined),
  allowed: "16 to 256 letters, digits and signs of ASCII, without blanks",
};

export const currency: OptionType<string> = {
  parse: (value) => {
    const code = value.toUpperCase();
    return Intl.supportedValuesOf("currency").includes(code) ? code : undefined;
  },
  allowed: "the three letters of a currency (ISO 4217), such as EUR, GBP or CHF",
};

/** A folder as a path or file:// address, or s3://. Relative paths start at the current folder. */
export const lakeUrl: OptionType<URL> = {
  parse: (value) => {
    if (value === "") return undefined;
    if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(value)) return pathToFileURL(path.resolve(value));
    if (!URL.canParse(value)) return undefined;
    const url = new URL(value);
    return url.protocol === "s3:" || (url.protocol === "file:" && url.hostname === "") ? url : undefined;
  },
  allowed: "a folder (./lake or file:///srv/lake), s3:// or s3://bucket/path",
};
