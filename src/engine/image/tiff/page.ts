/**
 * One TIFF directory as a page: what its fields say about size, samples, colours and where the data lies, checked
 * against each other and against the file before anything is unpacked (TIFF 6.0; tag numbers in comments).
 */
import { checkSize, corrupt, truncated, unsupported } from '../errors'
import type { Orientation } from '../orientation'
import { isOrientation } from '../orientation'
import type { TiffFields, TiffStructure } from './directory'
import { readFields } from './directory'

export type TiffCompression = 'none' | 'LZW' | 'deflate' | 'PackBits' | 'JPEG'
export type TiffColours = 'white is zero' | 'black is zero' | 'RGB' | 'palette' | 'CMYK' | 'YCbCr'
export type SampleFormat = 'unsigned' | 'signed' | 'float'

export interface TiffPage {
  width: number
  height: number
  /** Samples per pixel as stored. */
  samples: number
  bits: number
  format: SampleFormat
  colours: TiffColours
  compression: TiffCompression
  predictor: 1 | 2 | 3
  /** Bits of a byte run from the lowest. */
  reversedBits: boolean
  /** Each sample in a plane of its own. */
  planar: boolean
  orientation: Orientation
  /** What samples beyond the colours are: 1 and 2 alpha, 0 anything. */
  extraSamples: number[]
  /** 16-bit red, green, blue of each entry. */
  palette?: Uint16Array
  jpegTables?: Uint8Array
  /** Strips or tiles, in rows from the top left, plane after plane. */
  segments: { tiled: boolean; width: number; height: number; across: number; down: number; offsets: number[]; byteCounts: number[] }
}

/** Bytes of JPEG tables: four of each kind are some three thousand. They are put before every strip and tile. */
const maximumTables = 65536

const compressions = new Map<number, TiffCompression>([[1, 'none'], [5, 'LZW'], [7, 'JPEG'], [8, 'deflate'], [32946, 'deflate'], [32773, 'PackBits']])
const otherCompressions = new Map([
  [2, 'fax'], [3, 'fax'], [4, 'fax'], [6, 'old-style JPEG'], [33003, 'JPEG 2000'], [33005, 'JPEG 2000'], [34712, 'JPEG 2000'], [34925, 'LZMA'], [50000, 'Zstandard'],
  [50001, 'WebP'], [50002, 'JPEG XL'],
])
const colourModels = new Map<number, TiffColours>([[0, 'white is zero'], [1, 'black is zero'], [2, 'RGB'], [3, 'palette'], [5, 'CMYK'], [6, 'YCbCr']])
const sampleFormats = new Map<number, SampleFormat>([[1, 'unsigned'], [2, 'signed'], [3, 'float'], [4, 'unsigned']])

/** @throws AssayError `image-truncated`, `image-corrupt`, `image-too-large`, `image-unsupported` */
export function readPage(file: TiffStructure, offset: number, name: string): TiffPage {
  const fields = readFields(file, offset, name)
  const number = (tag: number) => fields(tag, 1)?.[0]
  const width = number(256) ?? 0
  const height = number(257) ?? 0
  const samples = number(277) ?? 1
  if (samples < 1) throw corrupt(name, 'its TIFF pixels have no samples')
  checkSize(name, { width, height, samples })
  const compressionNumber = number(259) ?? 1
  const compression = compressions.get(compressionNumber)
  if (!compression) throw unsupported(name, `TIFF data in ${otherCompressions.get(compressionNumber) ?? `unknown (${compressionNumber})`} compression`)
  const colourNumber = number(262) ?? (samples >= 3 ? 2 : 1)
  const colours = colourModels.get(colourNumber)
  if (!colours) throw unsupported(name, `TIFF colours of kind ${colourNumber}`)
  const allBits = fields(258, samples) ?? [1]
  const allFormats = fields(339, samples) ?? [1]
  const bits = allBits[0] ?? 1
  const format = sampleFormats.get(allFormats[0] ?? 1)
  if (allBits.some((other) => other !== bits) || allFormats.some((other) => other !== allFormats[0])) throw unsupported(name, 'TIFF samples of several sizes')
  if (!format) throw unsupported(name, 'TIFF samples that are complex numbers')
  checkSamples({ bits, format, colours, samples, compression }, name)
  // Predictors belong to these two compressions.
  const predictor = compression === 'LZW' || compression === 'deflate' ? (number(317) ?? 1) : 1
  if (predictor !== 1 && predictor !== 2 && predictor !== 3) throw unsupported(name, `TIFF predictor ${predictor}`)
  if ((predictor === 2 && ![8, 16, 32].includes(bits)) || (predictor === 3 && format !== 'float')) throw unsupported(name, `TIFF predictor ${predictor} on ${bits}-bit samples`)
  const planar = number(284) === 2 && samples > 1
  const orientation = number(274)
  const palette = colours === 'palette' ? readPalette(fields, bits, name) : undefined
  const tables = compression === 'JPEG' ? fields(347, maximumTables) : undefined
  return {
    width, height, samples, bits, format, colours, compression, predictor, planar,
    reversedBits: number(266) === 2,
    orientation: isOrientation(orientation) ? orientation : 1,
    extraSamples: fields(338, samples) ?? [],
    ...(palette && { palette }),
    ...(tables && { jpegTables: Uint8Array.from(tables) }),
    segments: readSegments(fields, { width, height, samples, bits, planar, compression }, file.view.byteLength, name),
  }
}

const coloursOf: Record<TiffColours, number> = { 'white is zero': 1, 'black is zero': 1, RGB: 3, palette: 1, CMYK: 4, YCbCr: 3 }

function checkSamples({ bits, format, colours, samples, compression }: Pick<TiffPage, 'bits' | 'format' | 'colours' | 'samples' | 'compression'>, name: string): void {
  const known = format === 'unsigned' ? (bits >= 1 && bits <= 16) || bits === 32 : format === 'signed' ? [8, 16, 32].includes(bits) : [16, 32, 64].includes(bits)
  if (!known) throw unsupported(name, `${format} TIFF samples of ${bits} bits`)
  if (samples < coloursOf[colours]) throw corrupt(name, `its ${colours} pixels have ${samples} samples`)
  const grey = colours === 'white is zero' || colours === 'black is zero'
  if (!grey && format !== 'unsigned') throw unsupported(name, `${colours} colours as ${format} numbers`)
  if (colours === 'RGB' && bits > 16) throw unsupported(name, `RGB colours of ${bits} bits`)
  if (colours === 'palette' && bits > 8) throw unsupported(name, `a palette of ${bits} bits`)
  if (colours === 'CMYK' && bits !== 8) throw unsupported(name, `CMYK colours of ${bits} bits`)
  if (colours === 'YCbCr' && compression !== 'JPEG') throw unsupported(name, 'YCbCr colours without JPEG compression')
  if (compression === 'JPEG' && (bits !== 8 || format !== 'unsigned' || colours === 'CMYK')) throw unsupported(name, `${colours} JPEG data of ${bits} bits in TIFF`)
}

/** Tag 320: all reds, all greens, all blues. */
function readPalette(fields: TiffFields, bits: number, name: string): Uint16Array {
  const entries = 2 ** bits
  const stored = fields(320, entries * 3)
  if (stored?.length !== entries * 3) throw corrupt(name, 'its palette is missing or too short')
  return Uint16Array.from({ length: stored.length }, (_, i) => stored[(i % 3) * entries + Math.floor(i / 3)]!)
}

type Layout = Pick<TiffPage, 'width' | 'height' | 'samples' | 'bits' | 'planar' | 'compression'>

function readSegments(fields: TiffFields, { width, height, samples, bits, planar, compression }: Layout, fileBytes: number, name: string): TiffPage['segments'] {
  const tileWidth = fields(322, 1)?.[0]
  const tiled = tileWidth !== undefined
  const segmentWidth = tileWidth ?? width
  const segmentHeight = tiled ? (fields(323, 1)?.[0] ?? 0) : Math.min(height, fields(278, 1)?.[0] || height)
  if (segmentWidth < 1 || segmentHeight < 1) throw corrupt(name, 'its TIFF tiles have no size')
  const across = Math.ceil(width / segmentWidth)
  const down = Math.ceil(height / segmentHeight)
  // Tiles reach beyond the picture; what they hold altogether has the limit of a picture.
  checkSize(name, { width: across * segmentWidth, height: tiled ? down * segmentHeight : height, samples })
  const count = across * down * (planar ? samples : 1)
  const offsets = fields(tiled ? 324 : 273, count) ?? (tiled ? fields(273, count) : undefined)
  if (!offsets) throw corrupt(name, 'it does not say where its TIFF data lies')
  const rowBytes = Math.ceil((segmentWidth * (planar ? 1 : samples) * bits) / 8)
  const byteCounts = fields(tiled ? 325 : 279, count) ?? (tiled ? fields(279, count) : undefined) ?? uncompressedCounts()
  if (offsets.length < count || byteCounts.length < count) throw truncated(name, `it holds ${Math.min(offsets.length, byteCounts.length)} of ${count} TIFF strips or tiles`)

  let packed = 0
  for (let i = 0; i < count; i++) {
    if (offsets[i]! + byteCounts[i]! > fileBytes) throw truncated(name, 'its TIFF data lies beyond its end')
    packed += byteCounts[i]!
  }
  // Segments may share their data, but not so often that a small file becomes endless work.
  if (packed > fileBytes * 16) throw corrupt(name, 'its TIFF strips or tiles overlap')
  if (packed * mostUnpacked[compression] < rowBytes * height * across * (planar ? samples : 1)) throw truncated(name, `its data cannot fill ${width} × ${height} pixels`)
  return { tiled, width: segmentWidth, height: segmentHeight, across, down, offsets, byteCounts }

  /** Counts are missing in some uncompressed files. */
  function uncompressedCounts(): number[] {
    if (compression !== 'none') throw corrupt(name, 'it does not say how long its TIFF data is')
    return Array.from({ length: count }, (_, i) => rowBytes * (tiled ? segmentHeight : Math.min(segmentHeight, height - (i % down) * segmentHeight)))
  }
}

/** Bytes that one compressed byte can become, at most: 4096-byte strings by 12-bit codes, 1032 to 1, 128 by 2; JPEG's blocks of 64 by 2 bits and more. */
const mostUnpacked: Record<TiffCompression, number> = { none: 1, LZW: 4096, deflate: 1032, PackBits: 64, JPEG: 1024 }
