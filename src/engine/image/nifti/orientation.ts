/**
 * Which way a NIfTI volume lies in the patient (nifti1.h, methods 1 to 3), and how its slices are cut and turned so that a
 * radiologist sees what is expected: axial slices from the feet up, anterior at the top, the patient's right on the left.
 * World axes are x to the right, y to the front, z to the head of the patient.
 */
import type { NiftiHeader } from './header'

/** Columns: what one step along i, j or k is in the world, in the file's units. Rows x, y, z. */
type Directions = [number[], number[], number[]]

export interface SlicePlan {
  plane: 'axial' | 'sagittal' | 'coronal' | 'stored'
  /** Voxel axes (0 i, 1 j, 2 k) that run along the picture's columns, its rows, and from slice to slice. */
  across: number
  down: number
  through: number
  /** True where the picture runs against the voxel axis. */
  flipped: [across: boolean, down: boolean, through: boolean]
  /** Letters that i, j and k point to, "RAS"; absent where the file does not say. */
  codes?: string
  /** True where the axes of the volume are turned by more than 10 degrees against those of the patient. */
  oblique: boolean
  /** Edges of a voxel along i, j and k, in the file's units; 0 where unknown. */
  edges: [number, number, number]
}

/** By sform, else by qform, else as stored. */
export function planSlices(header: NiftiHeader): SlicePlan {
  const directions = usable(fromSform(header)) ?? usable(fromQform(header))
  if (!directions) return { plane: 'stored', across: 0, down: 1, through: 2, flipped: [false, false, false], oblique: false, edges: header.voxelSize }
  const edges = directions.map((column) => Math.hypot(...column)) as [number, number, number]
  const cosines = directions.map((column, axis) => column.map((value) => value / edges[axis]!)) as Directions
  const worldOf = assign(cosines)
  const axisOf = [0, 1, 2].map((world) => worldOf.indexOf(world)) as [number, number, number]
  const positive = worldOf.map((world, axis) => cosines[axis]![world]! > 0)
  const codes = worldOf.map((world, axis) => (positive[axis] ? 'RAS' : 'LPI')[world]!).join('')
  const oblique = worldOf.some((world, axis) => Math.abs(cosines[axis]![world]!) < Math.cos(Math.PI / 18))

  // A single slice is seen in its own plane, whichever that is.
  const flat = (world: number) => header.size[axisOf[world]!] === 1
  const plane = flat(2) ? 'axial' : flat(0) ? 'sagittal' : flat(1) ? 'coronal' : 'axial'
  const [across, down, through] = (plane === 'axial' ? [0, 1, 2] : plane === 'sagittal' ? [1, 2, 0] : [0, 2, 1]).map((world) => axisOf[world]!) as [number, number, number]
  // Left to right: from the patient's right to the left, from front to back. Downwards: from front to back, from head to feet.
  return { plane, across, down, through, flipped: [positive[across]!, positive[down]!, !positive[through]!], codes, oblique, edges }
}

const fromSform = ({ sform }: NiftiHeader): Directions | undefined => sform && ([0, 1, 2].map((axis) => sform.map((row) => row[axis]!)) as Directions)

function fromQform({ qform, voxelSize, qfac }: NiftiHeader): Directions | undefined {
  if (!qform) return undefined
  const { b, c, d } = qform
  const rest = 1 - (b * b + c * c + d * d)
  // Rounding may leave a quaternion a little too long; one far too long says nothing.
  if (rest < -1e-3) return undefined
  const a = Math.sqrt(Math.max(0, rest))
  const rotation = [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
  ]
  return [0, 1, 2].map((axis) => rotation.map((row) => row[axis]! * voxelSize[axis]! * (axis === 2 ? qfac : 1))) as Directions
}

/** Undefined where a matrix is no frame of three directions. */
function usable(directions: Directions | undefined): Directions | undefined {
  if (!directions?.flat().every(Number.isFinite)) return undefined
  const [i, j, k] = directions
  const product = Math.hypot(...i) * Math.hypot(...j) * Math.hypot(...k)
  const determinant =
    i[0]! * (j[1]! * k[2]! - j[2]! * k[1]!) - i[1]! * (j[0]! * k[2]! - j[2]! * k[0]!) + i[2]! * (j[0]! * k[1]! - j[1]! * k[0]!)
  return product > 0 && Number.isFinite(product) && Math.abs(determinant) > 1e-4 * product ? directions : undefined
}

const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] as const

/** For i, j and k the world axis that each is nearest to, none taken twice. */
function assign(cosines: Directions): number[] {
  const fit = (order: readonly number[]) => order.reduce((sum, world, axis) => sum + cosines[axis]![world]! ** 2, 0)
  return [...orders.reduce((best, order) => (fit(order) > fit(best) ? order : best))]
}
