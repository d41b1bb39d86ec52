import { LocalFile } from "./local-file.ts";

/** Lines on their way into a local file; memory is bounded. */
export class LineFile extends LocalFile {
  /** How many lines were added. */
  lines = 0;
  protected pendingBytes = 0;
  #pending: string[] = [];

  /** @param line with its line end */
  add(line: string): void {
    this.#pending.push(line);
    this.pendingBytes += line.length;
    this.lines += 1;
  }

  protected takePending(): string {
    const text = this.#pending.join("");
    this.#pending = [];
    this.pendingBytes = 0;
    return text;
  }
}
