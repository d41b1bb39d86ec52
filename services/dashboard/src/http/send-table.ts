import { checkSheetRows } from "@ingot/engine/xlsx";
import type { FastifyReply } from "fastify";
import type { TableFormat } from "../downloads/table-file.ts";

const TYPES: Readonly<Record<TableFormat, string>> = {
  csv: "text/csv; charset=utf-8",
  json: "application/json; charset=utf-8",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};

/** Declares what follows as a file of this name. Programs that read JSON want no file. */
export function asFile(reply: FastifyReply, name: string, format: TableFormat): FastifyReply {
  reply.header("content-type", TYPES[format]);
  if (format !== "json") reply.header("content-disposition", `attachment; filename="${name}.${format}"`);
  return reply;
}

/** @throws IngotError `too_many_rows` where an Excel sheet has no room for the rows */
export function checkRoom(rows: number, format: TableFormat): void {
  if (format === "xlsx") checkSheetRows(rows);
}
