import { DATASETS } from "@ingot/pipelines";
import Papa from "papaparse";
import { isoDate, otherDate } from "./calendar.ts";
import type { CustomerPool } from "./customer-pool.ts";
import type { FaultRates } from "./faults.ts";
import type { Customer, People } from "./people.ts";
import type { Random } from "./random.ts";
import type { TickContext } from "./tick-context.ts";

/** The share of a file that is new customers; the others are known ones with something changed. */
const NEW_SHARE = 0.7;
/** The share of new customers whose record comes a tick after their first order. */
const LATE_SHARE = 0.02;

const INVALID_DATES = ["32/13/2025", "2025-02-30", "31/04/2025", "2025-13-01", "0000-00-00", "soon", ""];
const ROWS_PER_CHUNK = 5_000;

export interface CustomersFile {
  bytes: Buffer;
  rows: number;
  /** Ids whose first record is in this file. */
  introduced: string[];
  /** New customers whose record is for the next tick's file. */
  late: Customer[];
}

/**
 * One tick's customers (contract: e-commerce, section 1). New ones join the pool, those whose record is late too.
 * How many are new depends on `count` alone: a day has the same new customers wherever a run begins.
 *
 * @param count records in the file (more only where more late ones arrive)
 * @param arriving customers of the tick before whose record is late
 */
export function customersFile(
  context: TickContext,
  count: number,
  arriving: readonly Customer[],
  pool: CustomerPool,
  people: People,
): CustomersFile {
  const late: Customer[] = [];
  const first = [...arriving];
  const newcomers = context.stream("new customers");
  const newCount = Math.ceil(count * NEW_SHARE);
  for (let number = 1; number <= newCount; number++) {
    const customer = people.create(context.id("C", number), context.atMs, newcomers);
    pool.add(customer);
    (newcomers.chance(LATE_SHARE) ? late : first).push(customer);
  }

  const faults = context.stream("customer faults");
  const introduced: string[] = [];
  const rows = first.map((customer) => {
    const row = csvRow(customer, context.faults, faults);
    if (row[0] !== "") introduced.push(customer.id);
    return row;
  });
  const changes = context.stream("changed customers");
  const unwritten = new Set(late);
  for (let left = count - rows.length; left > 0 && pool.size > unwritten.size; left--) {
    const customer = change(pool, unwritten, people, changes);
    rows.push(csvRow(customer, context.faults, faults));
  }
  return { bytes: csv(rows), rows: rows.length, introduced, late };
}

/** Changes the country or the e-mail address of somebody whose record has been written. */
function change(pool: CustomerPool, unwritten: Set<Customer>, people: People, random: Random): Customer {
  let customer = pool.any(random);
  while (unwritten.has(customer)) customer = pool.any(random);
  if (random.chance(0.5)) customer.country = people.newCountry(customer.country, random);
  else customer.email = people.newEmail(customer, random);
  return customer;
}

function csvRow(customer: Customer, faults: FaultRates, random: Random): string[] {
  const noId = random.chance(faults.missing_customer_id);
  const noEmail = random.chance(faults.missing_email);
  const untidy = random.chance(faults.untidy_email);
  const noCountry = random.chance(faults.missing_country);
  const badDate = random.chance(faults.invalid_date);
  const otherFormat = random.chance(faults.mixed_date_format);
  const email = untidy ? `  ${customer.email.toUpperCase()} ` : customer.email;
  const date = otherFormat ? otherDate(customer.signupMs, random) : isoDate(customer.signupMs);
  return [
    noId ? "" : customer.id,
    customer.firstName,
    customer.lastName,
    noEmail ? "" : email,
    noCountry ? "" : customer.country,
    badDate ? random.pick(INVALID_DATES) : date,
  ];
}

function csv(rows: string[][]): Buffer {
  const chunks = [Buffer.from(`${DATASETS.customers.bronzeFields.join(",")}\n`)];
  for (let from = 0; from < rows.length; from += ROWS_PER_CHUNK) {
    const text = Papa.unparse(rows.slice(from, from + ROWS_PER_CHUNK), { newline: "\n" });
    chunks.push(Buffer.from(`${text}\n`));
  }
  return Buffer.concat(chunks);
}
