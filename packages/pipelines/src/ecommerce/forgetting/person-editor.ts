import {
  type Cells,
  type Continuation,
  csvPlaces,
  jsonPlaces,
  type RecordEditor,
  type ValuePlace,
} from "@ingot/engine";
import { isIpv4 } from "../../values/ip-address.ts";
import { trim } from "../../values/text.ts";
import { DATASETS, type DatasetName } from "../datasets.ts";
import { comparableEmail, type Person } from "./person.ts";
import { maskAddresses, maskAll, type PersonText } from "./person-text.ts";

/** What was changed in a content. */
export interface Forgotten {
  /** Records of the person's, and others in which their e-mail address was made unreadable. */
  records: number;
  /** Pieces that are no record, and stretches around records, in which something was made unreadable. */
  pieces: number;
  /** Records that still have the e-mail address in a field that gold is made of. */
  left: number;
}

/** A valid address, so that a click stays a click. */
const NO_ADDRESS = "0.0.0.0";

/** Fields whose values stay as they are: figures, and what they are sums of. */
const KEPT: Readonly<Record<DatasetName, ReadonlySet<string>>> = {
  customers: new Set(["country", "signup_date"]),
  orders: new Set(DATASETS.orders.bronzeFields.filter((field) => field !== "customer_id")),
  clicks: new Set(["ts"]),
};
/** The fields that text of a person may stand in, and that nothing is made of. */
const FREE_TEXT = "page";

type Field = ValuePlace & { name: string };

/**
 * Takes a person out of a dataset's records. Their own records get the pseudonym, no names, no e-mail address, no IP
 * address, and nothing in fields that Ingot does not know: what these hold cannot be judged. What counts in gold stays,
 * and so does whether a record is kept or rejected.
 */
export class PersonEditor implements RecordEditor {
  readonly reach: number;
  readonly forgotten: Forgotten = { records: 0, pieces: 0, left: 0 };
  readonly #dataset: DatasetName;
  readonly #text: PersonText;
  readonly #pseudonyms: ReadonlyMap<string, string>;
  readonly #emails: ReadonlySet<string>;
  #mayHaveEmail = true;
  readonly #idField: number;
  readonly #emailField: number;
  readonly #ipField: number;

  constructor(dataset: DatasetName, person: Person, text: PersonText) {
    const { bronzeFields } = DATASETS[dataset];
    this.#dataset = dataset;
    this.#text = text;
    this.reach = text.reach;
    this.#pseudonyms = new Map(person.customers.map(({ id, pseudonym }) => [id, pseudonym]));
    this.#emails = new Set(person.emails);
    this.#idField = bronzeFields.indexOf("customer_id");
    this.#emailField = bronzeFields.indexOf("email");
    this.#ipField = bronzeFields.indexOf("ip");
  }

  look(bytes: Buffer): void {
    this.#mayHaveEmail = this.#text.mayHaveEmail(bytes);
  }

  record(values: Cells, bytes: Buffer, form: Continuation): Buffer | undefined {
    const id = values.text(this.#idField).trim();
    const pseudonym = this.#pseudonyms.get(id);
    // Nobody's record that has the address where it belongs, or the id where it does not.
    const isNobodys = id === "" && (this.#isOwnEmail(values) || this.#text.isNamedIn(bytes));
    const isOwn = pseudonym !== undefined || isNobodys;
    if (!isOwn && !(this.#mayHaveEmail && this.#text.hasEmail(bytes))) return undefined;
    const edited = isOwn
      ? this.#withoutPerson(values, bytes, form, pseudonym)
      : this.#withoutEmail(bytes, form);
    if (this.#text.hasEmail(edited)) this.forgotten.left += 1;
    if (edited.equals(bytes)) return undefined;
    this.forgotten.records += 1;
    return edited;
  }

  piece(bytes: Buffer, form: Continuation): void {
    if (!this.#text.isNamedIn(bytes) && !this.#isInIdColumn(bytes, form)) return;
    const before = Buffer.from(bytes);
    this.#text.maskNames(bytes);
    if (form.format.kind !== "csv") maskUnknownValues(bytes, this.#dataset);
    else if (this.#dataset === "customers") maskAll(bytes);
    if (this.#ipField !== -1) maskAddresses(bytes);
    this.#text.mask(bytes);
    if (!before.equals(bytes)) this.forgotten.pieces += 1;
  }

  rest(bytes: Buffer): void {
    // Mostly a comma or a line end.
    if (bytes.length >= SHORTEST && this.#text.mask(bytes)) this.forgotten.pieces += 1;
  }

  #isOwnEmail(values: Cells): boolean {
    return this.#emailField !== -1 && this.#emails.has(comparableEmail(values.text(this.#emailField)));
  }

  /** True for a row that is broken, but has one of the ids where ids stand. */
  #isInIdColumn(bytes: Buffer, { format, header }: Continuation): boolean {
    if (format.kind !== "csv" || !header) return false;
    const column = header.findIndex((name) => name.trim().toLowerCase() === "customer_id");
    const place = csvPlaces(bytes, format.delimiter)[column];
    const value = place && bytes.toString("utf8", place.start, place.end);
    return value !== undefined && this.#pseudonyms.has(value.replaceAll('"', "").trim());
  }

  #withoutPerson(values: Cells, bytes: Buffer, form: Continuation, pseudonym: string | undefined): Buffer {
    const copy = Buffer.from(bytes);
    const isJson = form.format.kind !== "csv";
    const pieces: Buffer[] = [];
    let at = 0;
    for (const field of fieldsOf(bytes, form)) {
      if (this.#isKept(field.name)) continue;
      if (field.name === FREE_TEXT && this.#dataset === "clicks") {
        this.#text.mask(copy.subarray(field.start, field.end));
        continue;
      }
      const value = this.#valueFor(field.name, values, pseudonym);
      if (value === undefined) continue;
      const place = copy.subarray(field.start, field.end);
      pieces.push(
        copy.subarray(at, field.start),
        isJson ? jsonValue(place, value, this.#isKnown(field.name)) : csvValue(place, value),
      );
      at = field.end;
    }
    pieces.push(copy.subarray(at));
    return isJson ? Buffer.concat(pieces) : visibleRow(Buffer.concat(pieces));
  }

  /** Somebody else's record which mentions the address. Their own fields stay. */
  #withoutEmail(bytes: Buffer, form: Continuation): Buffer {
    const copy = Buffer.from(bytes);
    for (const { name, start, end } of fieldsOf(bytes, form)) {
      const isText = name === FREE_TEXT || !this.#isKnown(name);
      if (isText) this.#text.maskEmails(copy.subarray(start, end));
    }
    return copy;
  }

  #isKnown(name: string): boolean {
    return DATASETS[this.#dataset].bronzeFields.includes(name);
  }

  #isKept(name: string): boolean {
    return KEPT[this.#dataset].has(name);
  }

  /** The text for a field of the person's; `undefined` to leave it. */
  #valueFor(name: string, values: Cells, pseudonym: string | undefined): string | undefined {
    if (name === "customer_id") return pseudonym;
    if (name !== "ip" || this.#dataset !== "clicks") return "";
    trim(values, this.#ipField);
    return isIpv4(values, this.#ipField) ? NO_ADDRESS : "";
  }
}

/** Fewer bytes hold nothing that could be looked for. */
const SHORTEST = 3;
const QUOTE = 0x22;

function fieldsOf(bytes: Buffer, { format, header }: Continuation): Field[] {
  if (format.kind !== "csv") return jsonPlaces(bytes);
  return csvPlaces(bytes, format.delimiter).map((place, column) => ({
    ...place,
    name: header?.[column]?.trim().toLowerCase() ?? "",
  }));
}

function csvValue(before: Buffer, value: string): Buffer {
  return Buffer.from(before[0] === QUOTE ? `"${value}"` : value);
}

/** A row of blanks would be no row any more. */
function visibleRow(row: Buffer): Buffer {
  return row.toString("latin1").trim() === "" ? Buffer.concat([Buffer.from('""'), row]) : row;
}

function jsonValue(before: Buffer, value: string, isKnown: boolean): Buffer {
  if (before.equals(NULL)) return before;
  // A field that Ingot does not know may have any type.
  if (!isKnown && before[0] !== QUOTE) return NULL;
  return Buffer.from(`"${value}"`);
}

const NULL = Buffer.from("null");

/** Keys, strings that may be cut off, and other values of broken JSON. */
const JSON_PARTS = /"((?:[^"\\]|\\[\s\S])*)"(\s*:)?|"(?:[^"\\]|\\[\s\S])*\\?$|-?\d[\d.eE+-]*/g;

/**
 * Makes the values unreadable, in place, of fields that are none of those that stay; of customers also what has no name.
 * The id's value stays: it may be somebody else's.
 */
function maskUnknownValues(bytes: Buffer, dataset: DatasetName): void {
  const known = new Set(DATASETS[dataset].bronzeFields);
  let key: string | undefined;
  for (const { index, 0: part, 1: name, 2: colon } of bytes.toString("latin1").matchAll(JSON_PARTS)) {
    if (colon !== undefined) {
      key = name;
      continue;
    }
    const isUnknown = key === undefined ? dataset === "customers" : !known.has(key);
    const isPersonal =
      isUnknown || (dataset === "customers" && key !== "customer_id" && !KEPT.customers.has(key!));
    if (isPersonal) maskAll(bytes, index, index + part.length);
  }
}
