/**
 * Writes simple DICOM images: one frame, explicit little endian, grey or RGB (PS3.3 A.2 and A.8, PS3.5, PS3.10).
 * Made for phantoms, adversarial images and secondary captures, so it begins from nothing: no patient's data can get in by accident.
 */
import type { VoiWindow } from '../../../shared/types'
import { bytesOf } from '../../tensor/tensor'
import { element, fileMeta, join, sequence } from './serialise'
import type { Parts } from './serialise'
import { explicitLittleEndian } from './transfer-syntaxes'
import { makeUid } from './uid'

const storageClasses = {
  'computed-radiography': '1.2.840.10008.5.1.4.1.1.1',
  'secondary-capture': '1.2.840.10008.5.1.4.1.1.7',
} as const

type TextVr = 'AE' | 'AS' | 'CS' | 'DA' | 'DS' | 'IS' | 'LO' | 'LT' | 'PN' | 'SH' | 'ST' | 'TM' | 'UI'

/** `tag` is 0xGGGGEEEE; text is written in UTF-8, bytes as they are. */
export type DicomAttribute =
  | { tag: number; vr: TextVr; value: string | Uint8Array }
  | { tag: number; vr: 'US'; value: number }
  | { tag: number; vr: 'SQ'; items: readonly (readonly DicomAttribute[])[] }

export interface DicomImageToWrite {
  kind: keyof typeof storageClasses
  /** (0008,0060), for example CR; OT where it is anything else. */
  modality: string
  width: number
  height: number
  samples?: 1 | 3
  /** [height, width, samples]; the array's type gives bits allocated and the sign. */
  pixels: Uint8Array | Uint16Array | Int16Array
  /** All allocated bits when absent. */
  bitsStored?: number
  photometric?: 'MONOCHROME1' | 'MONOCHROME2' | 'RGB'
  rescale?: { slope: number; intercept: number; type?: string }
  windows?: readonly VoiWindow[]
  spacing?: { row: number; column: number }
  /** Makes the UIDs a function of this text. */
  seed?: string
  /** More attributes, or other values for those that are written anyway. */
  attributes?: readonly DicomAttribute[]
}

export function writeDicom(image: DicomImageToWrite): Uint8Array {
  const samples = image.samples ?? 1
  if (image.pixels.length !== image.width * image.height * samples) throw new RangeError(`${image.pixels.length} values are not ${image.width} × ${image.height} pixels of ${samples}`)
  const uid = (role: string) => makeUid(image.seed === undefined ? undefined : `${image.seed}/${role}`)
  const sopClass = storageClasses[image.kind]
  const sopInstance = uid('instance')
  const attributes = new Map<number, DicomAttribute>()
  const text = (tag: number, vr: TextVr, value: string) => attributes.set(tag, { tag, vr, value })
  const short = (tag: number, value: number) => attributes.set(tag, { tag, vr: 'US', value })

  text(0x00080005, 'CS', 'ISO_IR 192')
  text(0x00080008, 'CS', 'DERIVED\\SECONDARY')
  text(0x00080016, 'UI', sopClass)
  text(0x00080018, 'UI', sopInstance)
  for (const tag of [0x00080020, 0x00080023]) text(tag, 'DA', '')
  for (const tag of [0x00080030, 0x00080033]) text(tag, 'TM', '')
  text(0x00080050, 'SH', '')
  text(0x00080060, 'CS', image.modality)
  if (image.kind === 'secondary-capture') text(0x00080064, 'CS', 'WSD')
  text(0x00080070, 'LO', 'Assay')
  text(0x00080090, 'PN', '')
  text(0x00100010, 'PN', '')
  text(0x00100020, 'LO', '')
  text(0x00100030, 'DA', '')
  text(0x00100040, 'CS', '')
  if (image.kind === 'computed-radiography') {
    text(0x00180015, 'CS', '')
    text(0x00185101, 'CS', '')
  }
  text(0x0020000d, 'UI', uid('study'))
  text(0x0020000e, 'UI', uid('series'))
  text(0x00200010, 'SH', '')
  text(0x00200011, 'IS', '1')
  text(0x00200013, 'IS', '1')
  text(0x00200020, 'CS', '')

  const bitsAllocated = image.pixels.BYTES_PER_ELEMENT * 8
  const bitsStored = image.bitsStored ?? bitsAllocated
  short(0x00280002, samples)
  text(0x00280004, 'CS', image.photometric ?? (samples === 3 ? 'RGB' : 'MONOCHROME2'))
  if (samples === 3) short(0x00280006, 0)
  short(0x00280010, image.height)
  short(0x00280011, image.width)
  if (image.spacing) {
    const tag = image.kind === 'computed-radiography' ? 0x00181164 : 0x00280030
    text(tag, 'DS', [image.spacing.row, image.spacing.column].map(decimal).join('\\'))
  }
  short(0x00280100, bitsAllocated)
  short(0x00280101, bitsStored)
  short(0x00280102, bitsStored - 1)
  short(0x00280103, image.pixels instanceof Int16Array ? 1 : 0)
  if (image.windows && image.windows.length > 0) {
    text(0x00281050, 'DS', image.windows.map((window) => decimal(window.center)).join('\\'))
    text(0x00281051, 'DS', image.windows.map((window) => decimal(window.width)).join('\\'))
    if (image.windows.some((window) => window.explanation)) text(0x00281055, 'LO', image.windows.map((window) => window.explanation ?? '').join('\\'))
  }
  if (image.rescale) {
    text(0x00281052, 'DS', decimal(image.rescale.intercept))
    text(0x00281053, 'DS', decimal(image.rescale.slope))
    text(0x00281054, 'LO', image.rescale.type ?? 'US')
  }
  for (const attribute of image.attributes ?? []) attributes.set(attribute.tag, attribute)
  const bytes = bytesOf(image.pixels)
  const body = [...encoded([...attributes.values()]), ...element(0x7fe00010, bitsAllocated > 8 ? 'OW' : 'OB', bytes, encoding)]
  return join([...fileMeta(sopClass, sopInstance, explicitLittleEndian), ...body])
}

const encoding = { littleEndian: true, explicit: true }

/** In the order of their tags, as a data set has to be. */
function encoded(attributes: readonly DicomAttribute[]): Parts {
  return [...attributes]
    .sort((a, b) => a.tag - b.tag)
    .flatMap((attribute) => {
      const { tag, vr } = attribute
      if (vr === 'SQ') return sequence(tag, attribute.items.map(encoded), encoding)
      if (vr === 'US') return element(tag, vr, Uint8Array.of(attribute.value & 0xff, attribute.value >>> 8), encoding)
      return element(tag, vr, typeof attribute.value === 'string' ? new TextEncoder().encode(attribute.value) : attribute.value, encoding)
    })
}

/** A decimal string has sixteen characters at most (PS3.5, 6.2). */
function decimal(value: number): string {
  for (let digits = 15; digits > 1; digits--) {
    const written = String(Number(value.toPrecision(digits)))
    if (written.length <= 16) return written
  }
  return value.toExponential(6)
}
