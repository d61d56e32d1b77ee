/**
 * A small decision tree (CART: Breiman et al., 1984): splits by Gini impurity, classes weighted as if all were equally
 * frequent. Made to ask how much a few features tell, not to be used for anything.
 */
export interface Table {
  /** Per feature its bin for each row, 0 to 31: see `binned`. */
  columns: readonly Uint8Array[]
  labels: Int32Array
  classes: number
}

export const mostBins = 32

/** Values as places among up to 32 quantiles; what is no number goes with the smallest. */
export function binned(values: readonly number[]): Uint8Array {
  const sorted = values.map((v) => (Number.isFinite(v) ? v : -Infinity)).sort((a, b) => a - b)
  const distinct = sorted.filter((v, i) => i === 0 || v !== sorted[i - 1])
  const all = distinct.length <= mostBins ? distinct : Array.from({ length: mostBins }, (_, i) => sorted[Math.floor((i * sorted.length) / mostBins)]!)
  const edges = [...new Set(all)]
  return Uint8Array.from(values, (value) => {
    const v = Number.isFinite(value) ? value : -Infinity
    let bin = 0
    while (bin + 1 < edges.length && edges[bin + 1]! <= v) bin++
    return bin
  })
}

type Node = { label: number } | { column: number; below: number; left: Node; right: Node }

export interface TreeOptions {
  depth: number
  /** Fewest rows on each side of a split. */
  leaf: number
}

/** @param rows that are learned from */
export function growTree(table: Table, rows: readonly number[], options: TreeOptions): (row: number) => number {
  const { columns, labels, classes } = table
  const counts = new Float64Array(classes)
  for (const row of rows) counts[labels[row]!]!++
  const weights = counts.map((n) => (n > 0 ? 1 / n : 0))
  const root = grow(table, rows, weights, options)
  return (row) => {
    let node = root
    while ('column' in node) node = columns[node.column]![row]! < node.below ? node.left : node.right
    return node.label
  }
}

const gini = (mass: Float64Array, total: number): number => (total > 0 ? total - mass.reduce((sum, m) => sum + m * m, 0) / total : 0)

function grow(table: Table, rows: readonly number[], weights: Float64Array, options: TreeOptions): Node {
  const { columns, labels, classes } = table
  const mass = new Float64Array(classes)
  for (const row of rows) mass[labels[row]!]! += weights[labels[row]!]!
  const leaf: Node = { label: mass.indexOf(Math.max(...mass)) }
  if (options.depth === 0 || rows.length < 2 * options.leaf) return leaf

  const total = mass.reduce((a, b) => a + b, 0)
  const whole = gini(mass, total)
  let best: { column: number; below: number; gain: number } | undefined
  for (const [column, bins] of columns.entries()) {
    const counts = new Int32Array(mostBins)
    const masses = new Float64Array(mostBins * classes)
    for (const row of rows) {
      const bin = bins[row]!
      counts[bin]!++
      masses[bin * classes + labels[row]!]! += weights[labels[row]!]!
    }
    const left = new Float64Array(classes)
    let size = 0
    for (let below = 1; below < mostBins; below++) {
      size += counts[below - 1]!
      for (let c = 0; c < classes; c++) left[c]! += masses[(below - 1) * classes + c]!
      if (counts[below - 1] === 0 || size < options.leaf || rows.length - size < options.leaf) continue
      const leftTotal = left.reduce((a, b) => a + b, 0)
      const gain = whole - gini(left, leftTotal) - gini(mass.map((m, c) => m - left[c]!), total - leftTotal)
      if (gain > (best?.gain ?? 1e-9)) best = { column, below, gain }
    }
  }
  if (!best) return leaf
  const { column, below } = best
  const side = (wanted: boolean) => grow(table, rows.filter((row) => columns[column]![row]! < below === wanted), weights, { ...options, depth: options.depth - 1 })
  return { column, below, left: side(true), right: side(false) }
}
