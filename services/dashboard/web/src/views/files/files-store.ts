import type { ObjectListing, ObjectPreview } from "../../../../src/api/contract.ts";
import { addressOf } from "../../state/api.ts";
import { Resource } from "../../state/resource.ts";

export const listing = new Resource<ObjectListing>();
export const preview = new Resource<ObjectPreview>();

export function listingPath(layer: string, prefix: string, after?: string): string {
  const params = new URLSearchParams({ layer, prefix, ...(after !== undefined && { after }) });
  return `api/objects?${params}`;
}

export function loadFolder(layer: string, prefix: string) {
  listing.load(listingPath(layer, prefix));
}

export function loadPreview(layer: string, key: string) {
  preview.load(`api/objects/preview?${new URLSearchParams({ layer, key })}`);
}

/** Where an object of gold is downloaded from, as it is. */
export function contentAddress(key: string): string {
  return addressOf(`api/objects/content?${new URLSearchParams({ layer: "gold", key })}`);
}

/** The folder that an object lies in, or the folder itself. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}
