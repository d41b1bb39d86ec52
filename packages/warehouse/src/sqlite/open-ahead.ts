import { type OpenSilverObject, type SilverObject, SMALL_OBJECT_BYTES } from "../warehouse.ts";

/** So many small objects are on their way at once: on S3 each costs a round trip before its first byte. */
const OBJECTS_AHEAD = 16;

/** An object and what opening it gave. */
export type Opened<Item> = { item: Item } & ({ content: OpenSilverObject } | { error: unknown });

/**
 * Opens objects ahead of their turn and hands them out in the order given. A large one is opened when its turn comes: its
 * bytes take longer than the way to them, and its connection would have to wait.
 */
export async function* openAhead<Item extends { object: SilverObject }>(
  items: Iterable<Item>,
): AsyncGenerator<Opened<Item>, void, undefined> {
  const waiting: { item: Item; opened: Promise<Opened<Item>> | undefined }[] = [];
  const rest = items[Symbol.iterator]();
  const fill = (): void => {
    while (waiting.length < OBJECTS_AHEAD) {
      const next = rest.next();
      if (next.done) return;
      const item = next.value;
      waiting.push({ item, opened: item.object.size <= SMALL_OBJECT_BYTES ? opening(item) : undefined });
    }
  };
  for (fill(); waiting.length > 0; fill()) {
    const { item, opened } = waiting.shift()!;
    yield await (opened ?? opening(item));
  }
}

async function opening<Item extends { object: SilverObject }>(item: Item): Promise<Opened<Item>> {
  try {
    return { item, content: await item.object.open() };
  } catch (error) {
    return { item, error };
  }
}
