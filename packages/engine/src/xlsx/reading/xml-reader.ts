import { SaxesParser } from "saxes";
import { WorkbookError } from "./workbook-error.ts";

/** By name, with its namespace's prefix. */
export type XmlAttributes = Readonly<Record<string, string | undefined>>;

/** What is told of an XML text, in its order. Names of elements are without their namespace's prefix. */
export interface XmlListener {
  open(name: string, attributes: XmlAttributes): void;
  close(name: string): void;
  /** Between tags; a text may come in several pieces. */
  text?(text: string): void;
}

/** No text or comment of a workbook is nearly as long; the parser keeps all of one in memory. */
const MOST_WITHOUT_TAG = 1024 * 1024;
const MOST_DEPTH = 256;

/** Reads XML that comes in pieces. It may have no document type, and with it no entities but XML's own. */
export class XmlReader {
  // To resolve namespaces would take twice the time, and they differ between the versions of the format.
  readonly #parser = new SaxesParser({ xmlns: false, position: false });
  #depth = 0;
  #withoutTag = 0;
  #fault = "has a part that is no XML";

  constructor(listener: XmlListener) {
    this.#parser.on("opentag", ({ name, attributes }) => {
      this.#withoutTag = 0;
      this.#depth += 1;
      if (this.#depth > MOST_DEPTH) this.#parser.fail("too deep");
      listener.open(localName(name), attributes);
    });
    this.#parser.on("closetag", ({ name }) => {
      this.#depth -= 1;
      listener.close(localName(name));
    });
    if (listener.text) {
      const text = listener.text.bind(listener);
      this.#parser.on("text", text);
      this.#parser.on("cdata", text);
    }
    this.#parser.on("doctype", () => {
      throw new WorkbookError("has a document type in its XML, which no workbook has");
    });
    this.#parser.on("error", (cause) => {
      throw new WorkbookError(`is damaged: it ${this.#fault}`, { cause });
    });
  }

  /** @throws WorkbookError for what is no XML, or what the listener throws */
  write(piece: string): void {
    this.#withoutTag += piece.length;
    if (this.#withoutTag > MOST_WITHOUT_TAG) this.#parser.fail("nothing but text");
    this.#parser.write(piece);
  }

  /** @throws WorkbookError for XML that is not whole */
  end(): void {
    this.#fault = "has a part whose XML is cut off";
    this.#parser.close();
  }
}

const localName = (name: string): string => name.slice(name.indexOf(":") + 1);
