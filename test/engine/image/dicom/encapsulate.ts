/** Writes encapsulated pixel data (PS3.5, A.4), well formed or not, and DICOM files around it. */
import type { Element, Pixels } from './dicom-maker'
import { explicitLittle, file, image, joined, numbers } from './dicom-maker'

const mark = (element: number, length: number) => joined(numbers('US', [0xfffe, element], true), numbers('UL', [length], true))

export const item = (value: Uint8Array, declaredLength = value.length): Uint8Array => joined(mark(0xe000, declaredLength), value)
export const delimiter = mark(0xe0dd, 0)

/** Offsets of items, counted from the first. */
export function offsetsOf(fragments: readonly Uint8Array[], which: readonly number[]): number[] {
  const starts: number[] = []
  fragments.reduce((at, fragment) => (starts.push(at), at + 8 + fragment.length), 0)
  return which.map((i) => starts[i]!)
}

/** Basic Offset Table, fragments and delimiter. */
export const sequence = (fragments: readonly Uint8Array[], offsets: readonly number[] = []): Uint8Array =>
  joined(item(numbers('UL', offsets, true)), ...fragments.map((fragment) => item(fragment)), delimiter)

/** A DICOM file with this sequence as its pixel data. */
export const compressedFile = (transferSyntax: string, pixels: Omit<Pixels, 'data'>, encapsulated: Uint8Array, more: readonly Element[] = []): Uint8Array =>
  file(image({ ...pixels, data: [] }, [{ tag: 0x7fe00010, vr: 'OB', value: encapsulated, undefinedLength: true }, ...more]), explicitLittle, transferSyntax)

export const evenLength = (bytes: Uint8Array): Uint8Array => (bytes.length % 2 === 0 ? bytes : joined(bytes, new Uint8Array(1)))
