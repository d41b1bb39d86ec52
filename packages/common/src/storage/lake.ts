import { fileURLToPath } from "node:url"; import path from "node:path";
import type { LakeLocation } from "../lake-location.ts"; import type { ObjectStore } from "./object-store.ts"; import { FileStore } from "./file-store.ts";
export interface Lake { url: string; bronze: ObjectStore; silver: ObjectStore; quarantine: ObjectStore; gold: ObjectStore; close(): Promise<void> }
export async function openLake(l: LakeLocation): Promise<Lake> { const f = (n: string) => new FileStore(path.join(fileURLToPath(l.url), n)); return { url: l.url.href, bronze: f(l.buckets.bronze), silver: f(l.buckets.silver), quarantine: f(l.buckets.quarantine), gold: f(l.buckets.gold), close: async () => {} }; }
