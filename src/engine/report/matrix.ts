/** How the classes of a confusion table are written beside and above it. */

/** More columns than this are numbered, since names do not fit above them. */
const named = 4

export const matrixLabels = (classes: readonly string[]): { rows: string[]; columns: string[] } =>
  classes.length <= named ? { rows: [...classes], columns: [...classes] } : { rows: classes.map((name, i) => `${name} (${i + 1})`), columns: classes.map((_, i) => String(i + 1)) }

/** Share of its row that a field has, 0 to 1. */
export const shareOfRow = (row: readonly number[], count: number): number => count / Math.max(1, row.reduce((a, b) => a + b, 0))
