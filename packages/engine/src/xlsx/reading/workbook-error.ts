/** Why a file cannot be read as a workbook, in words that can follow its name: `is damaged: …`. */
export class WorkbookError extends Error {
  override readonly name = "WorkbookError";
}
