/**
 * One line of a CSV file (RFC 4180, with a bare line feed as Harbor writes it).
 *
 * What a spreadsheet would take for a formula gets an apostrophe before it: package names come from whoever pushed.
 */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => quoted(neutralised(cell))).join(',')}\n`;
}

function neutralised(cell: string): string {
  return /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell;
}

function quoted(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
