/** Tables of a terminal. */

export interface Column {
  title: string
  /** Numbers stand on the right. */
  right?: boolean
}

/** Columns padded to one width each. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)))
  const line = (cells: readonly string[]): string => cells.map((cell, i) => (columns[i]!.right ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join('  ').trimEnd()
  return [line(columns.map(({ title }) => title)), ...rows.map(line)]
}
