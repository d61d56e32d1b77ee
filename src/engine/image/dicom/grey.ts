/**
 * A grey frame through the first half of DICOM's grey-scale pipeline (PS3.3 C.11): which values are padding, what the
 * others mean, and which windows and tables the file names for looking at them.
 */
import type { DecodedImage } from '../decoded-image'
import { fullWindow } from '../decoded-image'
import { corrupt } from '../errors'
import { finiteRange } from '../grey-windows'
import type { LookupTable } from './lookup-tables'
import { readModalityTable, readRescale, readUnit } from './modality-transform'
import { readPadding } from './padding'
import type { OpenedDicom, StoredFrame } from './read'
import { text } from './values'
import { readVoi } from './voi'

export type Grey = Pick<DecodedImage, 'pixels' | 'samples' | 'photometric' | 'bitsStored' | 'signed' | 'rescale' | 'unit' | 'windows' | 'voiTables' | 'padding'>

/** @throws AssayError `image-corrupt` for a damaged modality lookup table, and for a rescale that makes no numbers */
export function greyFrame({ dataSet, description, sopClass }: OpenedDicom, { pixels, photometric }: StoredFrame, frame: number, name: string): Grey {
  const padding = readPadding(dataSet, description)
  const table = pixels instanceof Float32Array ? undefined : readModalityTable(dataSet, sopClass, description.signed, name)
  const stored = { pixels, bitsStored: description.bitsStored, signed: description.signed, padding, rescale: readRescale(dataSet, frame) }
  const values = table ? throughTable(pixels, table, padding) : stored
  const { slope, intercept } = values.rescale
  const range = modalityRange(values)
  if (![range.low, range.high].every((value) => Number.isFinite(Math.fround(value)))) throw corrupt(name, 'its rescale slope and intercept lead beyond all numbers', { format: 'dicom' })
  const { windows, tables } = readVoi(dataSet, frame, { ...range, whole: !(pixels instanceof Float32Array) && Number.isInteger(slope) && Number.isInteger(intercept) })
  return {
    pixels: values.pixels,
    samples: 1,
    // Small values are bright where either says so; of an image that says both, the two mean the same (C.8.11.3.1.2).
    photometric: photometric === 'MONOCHROME1' || text(dataSet, 'x20500020') === 'INVERSE' ? 'MONOCHROME1' : 'MONOCHROME2',
    bitsStored: values.bitsStored,
    signed: values.signed,
    rescale: values.rescale,
    unit: readUnit(dataSet, frame),
    windows: windows.length > 0 ? windows : [wholeRange(values)],
    ...(tables.length > 0 && { voiTables: tables }),
    ...(values.padding && { padding: values.padding }),
  }
}

type Values = Pick<DecodedImage, 'pixels' | 'bitsStored' | 'signed' | 'rescale'> & { padding?: DecodedImage['padding'] | undefined }

/**
 * Padding keeps out of the table (C.11.1) and becomes −1, which no entry is. Bits are those that the entries need: tables of
 * ten bits call themselves tables of sixteen.
 */
function throughTable(pixels: DecodedImage['pixels'], { first, values }: LookupTable, padding: DecodedImage['padding'] | undefined): Values {
  const largest = values.reduce((most, value) => Math.max(most, value), 1)
  const bits = 32 - Math.clz32(largest)
  const out = new (padding ? Int32Array : bits <= 8 ? Uint8Array : Uint16Array)(pixels.length)
  for (let i = 0; i < out.length; i++) {
    const pixel = pixels[i]!
    out[i] = padding && pixel >= padding.low && pixel <= padding.high ? -1 : values[Math.min(values.length - 1, Math.max(0, pixel - first))]!
  }
  return { pixels: out, bitsStored: bits, signed: false, rescale: { slope: 1, intercept: 0 }, ...(padding && { padding: { low: -1, high: -1 } }) }
}

/** What modality values can be, by the pixels' bits. */
function modalityRange({ bitsStored, signed, rescale: { slope, intercept } }: Values): { low: number; high: number } {
  const levels = 2 ** bitsStored
  const [low, high] = (signed ? [-levels / 2, levels / 2 - 1] : [0, levels - 1]).map((stored) => stored * slope + intercept).sort((a, b) => a - b) as [number, number]
  return { low, high }
}

/** From the smallest to the largest modality value that is no padding, if there are two. */
function wholeRange({ pixels, padding, rescale: { slope, intercept } }: Values): DecodedImage['windows'][number] {
  const shown = finiteRange(padding ? pixels.filter((value) => value < padding.low || value > padding.high) : pixels)
  // One value alone stands out from padding, as labels do, where the window reaches as far as that.
  const range = padding && shown?.low === shown?.high ? finiteRange(pixels) : shown
  if (!range) return fullWindow(0, 1)
  const [low, high] = [range.low * slope + intercept, range.high * slope + intercept].sort((a, b) => a - b) as [number, number]
  return fullWindow(low, high)
}
