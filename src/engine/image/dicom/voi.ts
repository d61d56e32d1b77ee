/**
 * The VOI transformation (DICOM PS3.3 C.11.2): windows and lookup tables that a file names for looking at a frame.
 */
import type { DataSet } from 'dicom-parser'
import type { VoiWindow } from '../../../shared/types'
import type { VoiTable } from '../decoded-image'
import { groupWith } from './functional-groups'
import { readLookupTable, TableError } from './lookup-tables'
import { items, numbersInPlace, text, texts } from './values'

const frameVoiLut = 'x00289132'
const centerTag = 'x00281050'
const widthTag = 'x00281051'

/** What the windows and tables of a frame are applied to. */
export interface ModalityRange {
  /** Modality values are whole numbers. */
  whole: boolean
  low: number
  high: number
}

export interface Voi {
  /** In modality values, as LINEAR_EXACT; in the file's order, without the ones that have no width. */
  windows: VoiWindow[]
  tables: VoiTable[]
}

export function readVoi(dataSet: DataSet, frame: number, range: ModalityRange): Voi {
  const group = groupWith(dataSet, frame, frameVoiLut, centerTag)
  const tables = readVoiTables(dataSet, range.low < 0)
  if (!group) return { windows: [], tables }
  const shape = text(group, 'x00281056') ?? 'LINEAR'
  const widths = numbersInPlace(group, widthTag)
  const explanations = texts(group, 'x00281055')
  const windows = numbersInPlace(group, centerTag).flatMap((center, i): VoiWindow[] => {
    const width = widths[i] ?? NaN
    const explanation = explanations[i]
    return Number.isFinite(center) && Number.isFinite(width) && width > 0 ? [{ center, width, ...(explanation && { explanation }) }] : []
  })
  if (shape === 'SIGMOID') return { windows, tables: [...windows.slice(0, maximumSigmoids).flatMap((window) => sigmoidTable(window, range)), ...tables] }
  return { windows: shape === 'LINEAR' && range.whole ? windows.map(asLinearExact) : windows, tables }
}

/**
 * LINEAR (C.11.2.1.2.1) reaches its ends half a value before LINEAR_EXACT (C.11.2.1.3.2) does. For a wide window that is
 * less than a grey level and the file's numbers are kept; a narrow one, over labels or bits, becomes the exact one that
 * shows the same.
 */
function asLinearExact(window: VoiWindow): VoiWindow {
  const { center, width } = window
  if (width >= 256 || width < 1) return window
  return width === 1 ? { ...window, center: center - 0.25, width: 0.5 } : { ...window, center: center - 0.5, width: width - 1 }
}

/** Entries of a sampled function; beyond them it is flat. */
const sigmoidBits = 12
const maximumEntries = 65536
/** More than these nobody chooses from, and each is computed. */
const maximumSigmoids = 9

/** SIGMOID (C.11.2.1.3.1) as a table with an entry for every modality value: only where these are whole numbers. */
function sigmoidTable({ center, width, explanation }: VoiWindow, { whole, low, high }: ModalityRange): VoiTable[] {
  // At twice the width from the centre, 1 / (1 + e^±8) is less than one level of 256 from its end.
  const first = Math.max(Math.floor(center - 2 * width), low)
  const last = Math.min(Math.ceil(center + 2 * width), high)
  const length = last - first + 1
  if (!whole || !(length >= 1 && length <= maximumEntries)) return []
  const top = 2 ** sigmoidBits - 1
  const values = Uint16Array.from({ length }, (_, i) => Math.round(top / (1 + Math.exp((-4 * (first + i - center)) / width))))
  return [{ explanation: explanation ?? `Sigmoid ${center} / ${width}`, first, bits: sigmoidBits, values }]
}

/** Damaged tables are left out: the picture is shown through a window as well. */
function readVoiTables(dataSet: DataSet, negative: boolean): VoiTable[] {
  return items(dataSet, 'x00283010').flatMap((item, i): VoiTable[] => {
    try {
      const table = readLookupTable(item, { descriptor: 'x00283002', data: 'x00283006' }, negative)
      return [{ explanation: text(item, 'x00283003') ?? `Lookup table ${i + 1}`, ...table }]
    } catch (error) {
      if (error instanceof TableError) return []
      throw error
    }
  })
}
