export type Cell = string | number | undefined;

/** Formats a table as text. Columns of numbers are aligned to the right, all others to the left. */
export function textTable(head: string[], rows: Cell[][]): string {
  const text = (cell: Cell) => (cell === undefined ? '-' : String(cell));
  const columns = head.map((title, column) => {
    const cells = rows.map((row) => row[column]);
    const width = Math.max(title.length, ...cells.map((cell) => text(cell).length));
    return { width, isNumbers: cells.length > 0 && cells.every((cell) => typeof cell === 'number') };
  });
  const line = (cells: Cell[]) =>
    columns
      .map(({ width, isNumbers }, column) =>
        isNumbers ? text(cells[column]).padStart(width) : text(cells[column]).padEnd(width),
      )
      .join('  ')
      .trimEnd();
  return [line(head), line(columns.map(({ width }) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
