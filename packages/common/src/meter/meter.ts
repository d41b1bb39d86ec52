/** What a piece of work is counted in. */
export type MeterUnit = "objects" | "files" | "days" | "bytes";

export interface Work {
  /** What is being done, as a meter shows it: `cleaning`. */
  title: string;
  /** The same for when it is over: `cleaned`. Without it nothing is said then. */
  past?: string | undefined;
  unit: MeterUnit;
  /** How many units there are in all. */
  total: number;
}

/** Somebody who may be watching how far one piece of work is. Nothing about it ever fails. */
export interface Meter {
  /** So many more units are done. */
  add(units: number): void;
  /** The work has ended, whatever became of it. */
  close(): void;
}

/** Announces a piece of work that may take a while. */
export type OpenMeter = (work: Work) => Meter;

/** For work that nobody watches. */
export const NO_METER: OpenMeter = () => ({ add: () => undefined, close: () => undefined });

/** For those who say by themselves what has been done. */
export const withoutSummary =
  (open: OpenMeter): OpenMeter =>
  (work) =>
    open({ ...work, past: undefined });

/** A meter of objects; each is told of on its own. */
export interface ObjectMeter {
  begin(size: number): MeteredObject;
  close(): void;
}

/** Announces work on objects of these sizes, in bytes. */
export type OpenObjectMeter = (sizes: readonly number[]) => ObjectMeter;

export interface MeteredObject {
  /** So many more of its bytes were read. */
  read(bytes: number): void;
  /** It is done with, whatever became of it. */
  end(): void;
}

/** An object of this size takes so long that to count objects would not tell how far the work is. */
const LARGE_BYTES = 16 * 1024 * 1024;
/** In a service that keeps running so few small objects are its everyday work, and nothing to announce. */
const EVERYDAY_OBJECTS = 200;

/**
 * Announces work on objects: counted one by one, or by their bytes where one of them is large.
 *
 * @param isService leaves out what a service does at every tick
 */
export function meterObjects(
  open: OpenMeter,
  { isService = false, ...work }: Omit<Work, "unit" | "total"> & { isService?: boolean },
): OpenObjectMeter {
  return (sizes) => openFor(open, work, isService, sizes);
}

export const NO_OBJECT_METER: OpenObjectMeter = meterObjects(NO_METER, { title: "" });

function openFor(
  open: OpenMeter,
  work: Omit<Work, "unit" | "total">,
  isService: boolean,
  sizes: readonly number[],
): ObjectMeter {
  const hasLarge = sizes.some((size) => size >= LARGE_BYTES);
  const isEveryday = isService && !hasLarge && sizes.length <= EVERYDAY_OBJECTS;
  const total = hasLarge ? sizes.reduce((sum, size) => sum + size, 0) : sizes.length;
  const meter = (isEveryday ? NO_METER : open)({ ...work, unit: hasLarge ? "bytes" : "objects", total });
  const begin = (size: number): MeteredObject => {
    if (!hasLarge) return { read: () => undefined, end: () => meter.add(1) };
    let left = size;
    const add = (bytes: number): void => {
      // What is read again, or has grown since it was listed, must not count beyond the whole.
      const units = Math.min(bytes, left);
      left -= units;
      meter.add(units);
    };
    return { read: add, end: () => add(left) };
  };
  return { begin, close: meter.close };
}
