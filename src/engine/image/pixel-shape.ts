/**
 * How large pixels can be. What a damaged or hostile file gives beyond that is taken for not given: pictures would be drawn
 * without any width or height.
 */

/** Millimetres: from a nanometre to a kilometre. */
const smallest = 1e-6
const largest = 1e6
/** One side as a multiple of the other. */
const longest = 1000

/** @param row height of a pixel @param column its width, in the same unit */
export const isPixelRatio = (row: number, column: number): boolean => row > 0 && column > 0 && row <= longest * column && column <= longest * row

/** @param row millimetres between rows @param column between columns */
export const isPixelSpacing = (row: number, column: number): boolean =>
  isPixelRatio(row, column) && Math.min(row, column) >= smallest && Math.max(row, column) <= largest
