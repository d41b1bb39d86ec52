export type { PipelineQuestions, SalesQuestions, ServerOptions } from "./options.ts";
export { createServer } from "./server.ts";
