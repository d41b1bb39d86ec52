import type { Logger, ObjectStore } from "@ingot/common";
import type { SalesCube } from "../cube/index.ts";
import type { Live } from "../live/live.ts";
import type { PipelineView } from "../pipeline/index.ts";
import type { StoreView } from "../stores/store-view.ts";

/** The questions about the business. */
export type SalesQuestions = Pick<SalesCube, "report" | "table" | "choices">;

/** The questions about the lake. */
export type PipelineQuestions = Pick<PipelineView, "status" | "objects" | "preview" | "stat" | "content">;

/** The questions about the stores. */
export type StoreQuestions = Omit<StoreView, "close">;

export interface ServerOptions {
  cube: SalesQuestions;
  pipeline: PipelineQuestions;
  stores: StoreQuestions;
  gold: ObjectStore;
  live: Pick<Live, "subscribe" | "hello">;
  /** The address that the server will be bound to; it decides what is asked of requests. */
  host: string;
  /** Whoever asks has to know it; needed unless the server is bound to this machine alone. */
  token?: string;
  /** Milliseconds that a question may take. */
  timeoutMs: number;
  /** ISO 4217. */
  currency: string;
  /** IANA. */
  businessTimezone: string;
  /** The page as it was built; `services/dashboard/dist` where it is absent. */
  pageFolder?: string;
  logger: Logger;
}
