import { WorkbookError } from "./workbook-error.ts";

/** What is told of an XML text, in its order. Names are without their namespace's prefix. */
export interface XmlListener {
  /** @param attributes as they stand in the tag, for `attributeOf` */
  open(name: string, attributes: string): void;
  close(name: string): void;
  /** Between tags; a text may come in several pieces. */
  text?(text: string): void;
}

/** No tag of a workbook is nearly as long. */
const MOST_TAG = 1024 * 1024;
const MOST_DEPTH = 256;

/**
 * Scans XML that comes in pieces. It knows what workbooks are written with: no document types, and with them no
 * entities but XML's own.
 */
export class XmlScanner {
  readonly #listener: XmlListener;
  readonly #open: string[] = [];
  #rest = "";
  #hasRoot = false;

  constructor(listener: XmlListener) {
    this.#listener = listener;
  }

  /** @throws WorkbookError for what is no XML */
  write(piece: string): void {
    const xml = this.#rest + piece;
    let at = 0;
    for (;;) {
      const start = xml.indexOf("<", at);
      // An entity at the end of a piece may be half of one.
      const textEnd = start < 0 ? endOfText(xml, at) : start;
      if (textEnd > at) this.#text(xml.slice(at, textEnd));
      at = textEnd;
      const end = start < 0 ? -1 : this.#markup(xml, start);
      if (end < 0) break;
      at = end;
    }
    this.#rest = xml.slice(at);
    if (this.#rest.length > MOST_TAG) throw new WorkbookError("has a part that is no XML");
  }

  /** @throws WorkbookError for XML that is not whole */
  end(): void {
    if (this.#rest.trim() !== "" || this.#open.length > 0 || !this.#hasRoot) {
      throw new WorkbookError("has a part whose XML is cut off");
    }
  }

  #text(text: string): void {
    if (this.#open.length > 0) this.#listener.text?.(unescapedXml(text));
  }

  /** The end of the markup that begins here; -1 where it is not whole yet. */
  #markup(xml: string, start: number): number {
    const second = xml[start + 1];
    if (second === "?") return after(xml, "?>", start);
    if (second === "!") return this.#declaration(xml, start);
    const end = tagEnd(xml, start + 1);
    if (end < 0) return -1;
    if (second === "/") this.#close(localName(xml.slice(start + 2, end).trim()));
    else this.#tag(xml.slice(start + 1, end));
    return end + 1;
  }

  #declaration(xml: string, start: number): number {
    if (xml.startsWith("<!--", start)) return after(xml, "-->", start + 4);
    if (xml.startsWith("<![CDATA[", start)) {
      const end = xml.indexOf("]]>", start);
      if (end < 0) return -1;
      if (this.#open.length > 0) this.#listener.text?.(xml.slice(start + 9, end));
      return end + 3;
    }
    if (xml.length - start < 9) return -1;
    throw new WorkbookError("has a document type in its XML, which no workbook has");
  }

  #tag(tag: string): void {
    const isEmpty = tag.endsWith("/");
    const blank = tag.search(/[\s/]/);
    const name = localName(blank < 0 ? tag : tag.slice(0, blank));
    if (name === "" || this.#open.length > MOST_DEPTH) throw new WorkbookError("has a part that is no XML");
    this.#hasRoot = true;
    this.#open.push(name);
    this.#listener.open(name, blank < 0 ? "" : tag.slice(blank, isEmpty ? -1 : undefined));
    if (isEmpty) this.#close(name);
  }

  #close(name: string): void {
    if (this.#open.pop() !== name) throw new WorkbookError("has a part whose XML is damaged");
    this.#listener.close(name);
  }
}

function endOfText(xml: string, at: number): number {
  const entity = xml.lastIndexOf("&");
  return entity >= at && xml.length - entity < 12 ? entity : xml.length;
}

function after(xml: string, mark: string, at: number): number {
  const end = xml.indexOf(mark, at);
  return end < 0 ? -1 : end + mark.length;
}

const GREATER = 0x3e;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;

/** Where the `>` of a tag stands; one in an attribute's quotes is none. */
function tagEnd(xml: string, start: number): number {
  for (let at = start; at < xml.length; at += 1) {
    const code = xml.charCodeAt(at);
    if (code === GREATER) return at;
    if (code !== QUOTE && code !== APOSTROPHE) continue;
    at = xml.indexOf(xml[at]!, at + 1);
    if (at < 0) return -1;
  }
  return -1;
}

const localName = (name: string): string => name.slice(name.indexOf(":") + 1);

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const MOST_CODE_POINT = 0x10ffff;

function unescapedXml(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (entity, decimal, hexadecimal, name) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? entity;
    const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal);
    return code <= MOST_CODE_POINT ? String.fromCodePoint(code) : entity;
  });
}

const patterns = new Map<string, RegExp>();

/** The value of a tag's attribute. @param name without a namespace's prefix */
export function attributeOf(attributes: string, name: string): string | undefined {
  const usual = attributes.indexOf(` ${name}="`);
  if (usual >= 0) {
    const start = usual + name.length + 3;
    return unescapedXml(attributes.slice(start, attributes.indexOf('"', start)));
  }
  let pattern = patterns.get(name);
  if (!pattern) {
    pattern = new RegExp(`\\s(?:[\\w.-]+:)?${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`);
    patterns.set(name, pattern);
  }
  const match = pattern.exec(attributes);
  return match === null ? undefined : unescapedXml(match[1] ?? match[2]!);
}
