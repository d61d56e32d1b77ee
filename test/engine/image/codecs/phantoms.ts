/** Small pictures for codecs: waves with a fine grain, over the full range of their bits, of odd size. */
import type { PixelDescription } from '../../../../src/engine/image/dicom/pixel-description'

export interface Kind {
  bitsAllocated: 8 | 16
  bitsStored: number
  samples: 1 | 3
  signed: boolean
}

export const kinds: Kind[] = [
  { bitsAllocated: 8, bitsStored: 8, samples: 1, signed: false },
  { bitsAllocated: 8, bitsStored: 8, samples: 3, signed: false },
  { bitsAllocated: 16, bitsStored: 12, samples: 1, signed: false },
  { bitsAllocated: 16, bitsStored: 12, samples: 1, signed: true },
  { bitsAllocated: 16, bitsStored: 16, samples: 1, signed: false },
  { bitsAllocated: 16, bitsStored: 16, samples: 1, signed: true },
  { bitsAllocated: 16, bitsStored: 16, samples: 3, signed: false },
]

export const titleOf = ({ bitsAllocated, bitsStored, samples, signed }: Kind): string =>
  `${samples === 3 ? 'RGB' : 'grey'}, ${bitsStored} bits${bitsStored === bitsAllocated ? '' : ` of ${bitsAllocated}`}${signed ? ', signed' : ''}`

export const describePhantom = (kind: Kind, rows = 23, columns = 37): PixelDescription => ({
  rows,
  columns,
  frames: 1,
  photometric: kind.samples === 3 ? 'RGB' : 'MONOCHROME2',
  planar: false,
  kind: 'integer',
  highBit: kind.bitsStored - 1,
  ...kind,
})

/** @param variant another picture of the same kind @param contrast share of the range that is used */
export function phantom({ rows, columns, samples, bitsAllocated, bitsStored, signed }: PixelDescription, variant = 0, contrast = 1): Uint8Array | Uint16Array | Int16Array {
  const values = new (bitsAllocated === 8 ? Uint8Array : signed ? Int16Array : Uint16Array)(rows * columns * samples)
  const range = 2 ** bitsStored - 1
  const low = signed ? -(2 ** (bitsStored - 1)) : 0
  for (let i = 0; i < values.length; i++) {
    const sample = i % samples
    const x = ((i - sample) / samples) % columns
    const y = Math.floor(i / samples / columns)
    const wave = Math.sin(x / 6 + sample + variant) * Math.cos(y / 5 - variant)
    const grain = ((i * 7919 + variant) % 13) / 130
    values[i] = Math.round(low + range * (0.5 + contrast * (0.45 * wave + grain - 0.05)))
  }
  return values
}

export const bytesOf = (values: Uint8Array | Uint16Array | Int16Array): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
