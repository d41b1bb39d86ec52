export type { PipelineQuestions, SalesQuestions, ServerOptions, StoreQuestions } from "./options.ts";
export { createServer } from "./server.ts";
