const FIRST_CAPACITY = 16;
/** Columns are many and stay: a quarter of spare room costs little time and little memory. */
const GROWTH = 1.25;
const MOST_IN_16_BITS = 0xffff;

/** Numbers from 0 to 2^32 - 1, two bytes each as long as that is enough. */
export class GrowingColumn {
  /** The first `length` of them count. Do not keep it: it is another array after some changes. */
  values: Uint16Array | Uint32Array;
  length = 0;

  /** @param isWide for numbers most of which will be great */
  constructor(isWide = false) {
    this.values = isWide ? new Uint32Array(FIRST_CAPACITY) : new Uint16Array(FIRST_CAPACITY);
  }

  push(value: number): void {
    this.set(this.length, value);
  }

  /** What lies between the end so far and `index` becomes 0. */
  set(index: number, value: number): void {
    if (index >= this.values.length) this.#resize(Math.ceil(index * GROWTH) + FIRST_CAPACITY);
    if (value > MOST_IN_16_BITS && this.values instanceof Uint16Array)
      this.values = Uint32Array.from(this.values);
    this.values[index] = value;
    if (index >= this.length) this.length = index + 1;
  }

  /** Makes room for so many numbers. */
  reserve(length: number): void {
    if (length > this.values.length) this.#resize(length);
  }

  #resize(capacity: number): void {
    const { values } = this;
    const resized = values instanceof Uint16Array ? new Uint16Array(capacity) : new Uint32Array(capacity);
    resized.set(values);
    this.values = resized;
  }
}
