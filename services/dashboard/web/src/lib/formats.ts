/** Numbers, amounts and dates in the reader's form. */
export interface Formats {
  /** An amount with its cents. */
  money(amount: number): string;
  /** An amount for a headline: without cents where they would not matter (from 10,000). */
  moneyBrief(amount: number): string;
  /** An amount for an axis: `€12K`. */
  moneyShort(amount: number): string;
  /** An amount in millions: `1.234 M€`. */
  millions(amount: number): string;
  /** `€` */
  currencySymbol: string;
  integer(value: number): string;
  /** Up to four decimals, as quantities have. */
  decimal(value: number): string;
  /** `12K`. */
  short(value: number): string;
  /** Of a share from 0 to 1. */
  percent(share: number): string;
  /** Of 100, with two decimals: `4.25%`. */
  rate(percent: number): string;
  /** With its sign: `+4.2%`. */
  change(share: number): string;
  bytes(count: number): string;
  /** `Tue, 3 Mar 2026`, of a calendar day. */
  day(day: string): string;
  /** `3 Mar`. */
  dayShort(day: string): string;
  /** `Mar 2026`. */
  month(day: string): string;
  /** `March`, of a month from 1 to 12. */
  monthName(month: number): string;
  /** `3 – 9 Mar 2026`. */
  days(from: string, to: string): string;
  /** An instant in the reader's time zone, to the minute. */
  instant(iso: string): string;
  /** The same to the second. */
  moment(iso: string): string;
  /** `14:03:22`, of an instant. */
  time(iso: string): string;
  /** `3 sec ago`, `now`. */
  ago(seconds: number): string;
  /** `3 min`. */
  duration(seconds: number): string;
  /** `1.3 sec` below a minute, else `3 min`: of milliseconds. */
  took(ms: number): string;
}

export interface FormatOptions {
  numbers: string;
  dates: string;
  /** ISO 4217. */
  currency: string;
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

export function createFormats({ numbers, dates, currency }: FormatOptions): Formats {
  const number = (options: Intl.NumberFormatOptions) => {
    const format = new Intl.NumberFormat(numbers, options);
    return (value: number) => format.format(value);
  };
  const date = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(dates, options);
  const calendar = (options: Intl.DateTimeFormatOptions) => {
    const format = date({ ...options, timeZone: "UTC" });
    return (day: string) => format.format(utc(day));
  };
  const money: Intl.NumberFormatOptions = { style: "currency", currency, currencyDisplay: "narrowSymbol" };
  const exact = number(money);
  const currencySymbol = symbolOf(new Intl.NumberFormat(numbers, money));
  const millions = number({ minimumFractionDigits: 3, maximumFractionDigits: 3 });
  const rate = number({ style: "percent", minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const monthName = calendar({ month: "long" });
  const whole = number({ ...money, maximumFractionDigits: 0, minimumFractionDigits: 0 });
  const sign: Intl.NumberFormatOptions = { style: "percent", signDisplay: "exceptZero" };
  const change = number({ ...sign, minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const changeBrief = number({ ...sign, maximumFractionDigits: 0 });
  const range = date({ year: "numeric", month: "short", day: "numeric", timeZone: "UTC" });
  const instant = date({ dateStyle: "medium", timeStyle: "short" });
  const moment = date({ dateStyle: "medium", timeStyle: "medium" });
  const time = date({ timeStyle: "medium" });
  const relative = new Intl.RelativeTimeFormat(dates, { style: "short", numeric: "auto" });
  const units = new Map<string, (value: number) => string>();
  const unit = (name: string, maximumFractionDigits: number) => {
    const key = `${name}/${maximumFractionDigits}`;
    const format =
      units.get(key) ??
      number({
        style: "unit",
        unit: name,
        unitDisplay: name === "byte" ? "long" : "short",
        maximumFractionDigits,
      });
    units.set(key, format);
    return format;
  };

  return {
    money: exact,
    moneyBrief: (amount) => (Math.abs(amount) < 10_000 ? exact(amount) : whole(amount)),
    moneyShort: number({ ...money, notation: "compact", minimumFractionDigits: 0, maximumFractionDigits: 1 }),
    millions: (amount) => `${millions(amount / 1e6)}\u00a0M${currencySymbol}`,
    currencySymbol,
    integer: number({ maximumFractionDigits: 0 }),
    decimal: number({ maximumFractionDigits: 4 }),
    short: number({ notation: "compact", maximumFractionDigits: 1 }),
    percent: number({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    rate: (percent) => rate(percent / 100),
    change: (share) => (Math.abs(share) < 10 ? change(share) : changeBrief(share)),
    bytes: (count) => {
      const power = Math.min(
        BYTE_UNITS.length - 1,
        Math.floor(Math.log(Math.max(count, 1)) / Math.log(1000)),
      );
      return unit(BYTE_UNITS[power]!, power === 0 ? 0 : 1)(count / 1000 ** power);
    },
    day: calendar({ weekday: "short", day: "numeric", month: "short", year: "numeric" }),
    dayShort: calendar({ day: "numeric", month: "short" }),
    month: calendar({ month: "short", year: "numeric" }),
    monthName: (month) => capitalized(monthName(`2024-${String(month).padStart(2, "0")}-01`), dates),
    days: (from, to) => range.formatRange(utc(from), utc(to)),
    instant: (iso) => instant.format(new Date(iso)),
    moment: (iso) => moment.format(new Date(iso)),
    time: (iso) => time.format(new Date(iso)),
    ago: (seconds) => {
      const [name, length] = unitOf(seconds);
      return relative.format(-Math.floor(Math.max(0, seconds) / length), name);
    },
    took: (ms) => {
      const [name, length] = unitOf(ms / 1000);
      return unit(name, 1)(Math.round(ms / 100 / length) / 10);
    },
    duration: (seconds) => {
      const [name, length] = unitOf(seconds);
      return unit(name, 0)(Math.floor(seconds / length));
    },
  };
}

function unitOf(seconds: number) {
  return UNITS.find(([, length]) => seconds >= length) ?? UNITS.at(-1)!;
}

function symbolOf(format: Intl.NumberFormat): string {
  return format.formatToParts(0).find(({ type }) => type === "currency")?.value ?? "";
}

function capitalized(text: string, locale: string): string {
  return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
}

function utc(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}
