import type { Cell } from "@ingot/engine";
import { describe, expect, test } from "vitest";
import { textTable } from "../../src/query/text-table.ts";

const column = (name: string, kind: "number" | "text" = "text") => ({ name, type: "", kind });

function table(
  columns: ReturnType<typeof column>[],
  rows: Cell[][],
  width?: number,
  total = rows.length,
): string[] {
  return textTable({ columns, rows, total, width }).split("\n");
}

describe("a result on the terminal", () => {
  test("has numbers to the right, NULL as such, and says how many rows there are", () => {
    const rows = [
      ["mug", "5.5000"],
      [null, "12345.0000"],
      ["", null],
    ];
    expect(table([column("product"), column("amount", "number")], rows)).toEqual([
      "product      amount",
      "───────  ──────────",
      "mug          5.5000",
      "NULL     12345.0000",
      "               NULL",
      "(3 rows)",
    ]);
  });

  test("is aligned where characters take two cells or none", () => {
    expect(
      table(
        [column("a"), column("b")],
        [
          ["日本", "x"],
          ["e\u0301t", "y"],
          ["abcd", "z"],
        ],
      ),
    ).toEqual(["a     b", "────  ─", "日本  x", "e\u0301t    y", "abcd  z", "(3 rows)"]);
  });

  test("keeps each row on one line, and lets no value steer the terminal", () => {
    expect(table([column("a")], [["x\ny\u001b[31m\u202e"]])[2]).toBe("x\\ny\\u{1b}[31m\\u{202e}");
  });

  test("is no wider than the terminal: long values are cut off, columns without room are named", () => {
    const columns = [column("first"), column("second"), column("third")];
    const rows = [["a".repeat(50), "b".repeat(20), "c".repeat(8)]];
    for (const width of [60, 40, 30, 20, 12]) {
      const lines = table(columns, rows, width);
      expect(Math.max(...lines.slice(0, 3).map((line) => line.length)), String(width)).toBeLessThanOrEqual(
        width,
      );
    }
    expect(table(columns, rows, 28)[2]).toBe("aaaaaaa…  bbbbbbb…  cccccccc");
    expect(table(columns, rows, 20).at(-1)).toBe("(the terminal is too narrow for third)");
  });

  test("says when more rows were found than are shown", () => {
    expect(table([column("a")], [["1"]], undefined, 1234567).at(-1)).toBe(
      "(1,234,567 rows, the first 1 shown; --limit shows more, --format csv all)",
    );
  });
});
