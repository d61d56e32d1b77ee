/**
 * A JPEG-LS stream (ITU-T T.87, annex C): its markers, coding parameters and scans. The decoder is our own, because
 * CharLS, which the packages have, computes for minutes on some damaged data.
 */
import type { Preset } from './jpeg-ls-scan'
import { JpegLsError, ScanDecoder } from './jpeg-ls-scan'

export { JpegLsError }

interface Frame {
  precision: number
  height: number
  width: number
  /** As scans name them. */
  ids: number[]
}

const clampTo = (value: number, low: number, maximum: number): number => (value > maximum || value < low ? low : value)

/** C.2.4.1.1.1. */
function defaultPreset(maximum: number, near: number): Preset {
  const wide = maximum >= 128
  const factor = wide ? Math.floor((Math.min(maximum, 4095) + 128) / 256) : Math.floor(256 / (maximum + 1))
  const threshold = (basic: number, least: number, weight: number) =>
    wide ? factor * (basic - least) + least + weight * near : Math.max(least, Math.floor(basic / factor) + weight * near)
  const t1 = clampTo(threshold(3, 2, 3), near + 1, maximum)
  const t2 = clampTo(threshold(7, 3, 5), t1, maximum)
  const t3 = clampTo(threshold(21, 4, 7), t2, maximum)
  return { maximum, t1, t2, t3, reset: 64 }
}

/** Preset parameters as they are declared; zero stands for the default. */
function settled(declared: Preset | undefined, precision: number, near: number): Preset {
  const maximum = declared?.maximum || 2 ** precision - 1
  const usual = defaultPreset(maximum, near)
  const preset = { maximum, t1: declared?.t1 || usual.t1, t2: declared?.t2 || usual.t2, t3: declared?.t3 || usual.t3, reset: declared?.reset || usual.reset }
  const { t1, t2, t3, reset } = preset
  if (maximum >= 2 ** precision || !(near < t1 && t1 <= t2 && t2 <= t3 && t3 <= maximum) || reset < 3 || reset > Math.max(255, maximum))
    throw new JpegLsError('its coding parameters make no sense')
  return preset
}

/**
 * @param size what the frame header is known to say; nothing larger is decoded
 * @returns [height, width, components]
 * @throws JpegLsError
 */
export function decodeJpegLsStream(bytes: Uint8Array, size: { width: number; height: number; components: number }): Uint8Array | Uint16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let frame: Frame | undefined
  let declared: Preset | undefined
  let restart = 0
  let out: Uint8Array | Uint16Array | undefined
  const done = new Set<number>()
  let at = 2
  for (;;) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++
    if (at + 4 > bytes.length || bytes[at] !== 0xff) throw new JpegLsError('a marker is missing')
    const marker = bytes[at + 1]!
    const length = view.getUint16(at + 2)
    const start = at + 4
    const end = at + 2 + length
    if (length < 2 || end > bytes.length) throw new JpegLsError('a segment is not all there')
    const need = (count: number): void => {
      if (start + count > end) throw new JpegLsError('a segment is too short')
    }
    if (marker === 0xf7) {
      frame = readFrame(bytes, view, start, need)
      if (frame.width !== size.width || frame.height !== size.height || frame.ids.length !== size.components) throw new JpegLsError('it has two sizes')
    } else if (marker === 0xf8) {
      need(1)
      // Mapping tables (2, 3) are refused where a scan uses one.
      if (bytes[start] === 1) {
        need(11)
        const [maximum, t1, t2, t3, reset] = [1, 3, 5, 7, 9].map((offset) => view.getUint16(start + offset)) as [number, number, number, number, number]
        declared = { maximum, t1, t2, t3, reset }
      } else if (bytes[start] === 4) throw new JpegLsError('its size is in an extension')
    } else if (marker === 0xdd) {
      if (length < 4 || length > 6) throw new JpegLsError('its restart interval has no known size')
      restart = 0
      for (let i = start; i < end; i++) restart = restart * 256 + bytes[i]!
    } else if (marker === 0xe8 && String.fromCharCode(...bytes.subarray(start, start + 4)) === 'mrfx' && (bytes[start + 4] ?? 0) !== 0) {
      throw new JpegLsError('it has a colour transform of its own')
    } else if (marker === 0xda) {
      if (!frame) throw new JpegLsError('a scan comes before the frame')
      const { ids, near, interleave } = readScanHeader(bytes, start, need)
      const indices = ids.map((id) => frame!.ids.indexOf(id))
      // Components that are interleaved lie side by side in what is given back.
      if (indices.some((index, i) => index < 0 || index !== indices[0]! + i || done.has(index))) throw new JpegLsError('a scan is of no component, or of one that was there')
      for (const index of indices) done.add(index)
      const { width, height, precision } = frame
      out ??= new (precision > 8 ? Uint16Array : Uint8Array)(width * height * frame.ids.length)
      const scan = { width, height, components: ids.length, interleave, near, preset: settled(declared, precision, near), restart }
      at = new ScanDecoder(bytes, end, scan).decode(out, indices[0]!, frame.ids.length)
      if (done.size === frame.ids.length) return out
      continue
    } else if (marker === 0xd9) throw new JpegLsError('it ends before its last scan')
    at = end
  }
}

function readFrame(bytes: Uint8Array, view: DataView, start: number, need: (count: number) => void): Frame {
  need(6)
  const precision = bytes[start]!
  const count = bytes[start + 5]!
  need(6 + 3 * count)
  if (precision < 2 || precision > 16) throw new JpegLsError(`samples of ${precision} bits do not exist`)
  const components = Array.from({ length: count }, (_, i) => ({ id: bytes[start + 6 + 3 * i]!, sampling: bytes[start + 7 + 3 * i]! }))
  if (components.some(({ sampling }) => sampling !== components[0]!.sampling)) throw new JpegLsError('its components have several sizes')
  return { precision, height: view.getUint16(start + 1), width: view.getUint16(start + 3), ids: components.map(({ id }) => id) }
}

function readScanHeader(bytes: Uint8Array, start: number, need: (count: number) => void): { ids: number[]; near: number; interleave: 'none' | 'line' | 'sample' } {
  need(1)
  const count = bytes[start]!
  need(4 + 2 * count)
  const ids = Array.from({ length: count }, (_, i) => bytes[start + 1 + 2 * i]!)
  if (ids.some((_, i) => bytes[start + 2 + 2 * i] !== 0)) throw new JpegLsError('its values are mapped through a table')
  const [near, mode, transform] = [0, 1, 2].map((i) => bytes[start + 1 + 2 * count + i]!) as [number, number, number]
  const interleave = (['none', 'line', 'sample'] as const)[mode]
  if (!interleave || count < 1 || count > 4 || (mode === 0 && count !== 1)) throw new JpegLsError('its components are interleaved in no known way')
  if (transform !== 0) throw new JpegLsError('it has a point transform')
  return { ids, near, interleave }
}
