/**
 * The sheet with verdict and heatmap as a DICOM secondary capture (PS3.3 A.8.1) in the study of the scan: a series of its
 * own, derived from the scan and saying so.
 */
import { researchUseOnly } from '../../shared/notice'
import type { DicomAttribute } from '../image/dicom/write'
import { writeDicom } from '../image/dicom/write'
import { sourceText } from '../image/dicom/source-attributes'
import type { SourceAttribute } from '../image/dicom/source-attributes'
import { readSource } from '../image/files'
import type { Canvas } from './canvas'

export interface CaptureSource {
  /** Path of the screened file; what it says of patient and study is taken over where it is DICOM. */
  path: string
  /** Counted from 1; set for files of several frames. */
  frame?: number
  /** Of Assay. */
  version?: string
}

/** Beyond the numbers that scanners give to their own series. */
const seriesNumber = '9001'

/** @throws AssayError what reading the source can meet */
export async function secondaryCapture(sheet: Canvas, source: CaptureSource, signal?: AbortSignal): Promise<Uint8Array> {
  const taken = (await readSource(source.path, signal)).filter(({ value }) => value.some((byte) => byte !== 0 && byte !== 0x20))
  return writeDicom({
    kind: 'secondary-capture',
    modality: 'OT',
    width: sheet.width,
    height: sheet.height,
    samples: 3,
    pixels: sheet.rgb,
    attributes: [...taken.filter(({ tag }) => tag !== sopClassUid && tag !== sopInstanceUid), ...characterSet(taken), ...captured(source, new Date()), ...sourceImage(taken, source)],
  })
}

const sopClassUid = 0x00080016
const sopInstanceUid = 0x00080018
const specificCharacterSet = 0x00080005

/** Our own text is ASCII, so the source's set is right for all; without one, bytes beyond ASCII are most likely Latin 1. */
function characterSet(taken: readonly SourceAttribute[]): DicomAttribute[] {
  if (taken.some(({ tag }) => tag === specificCharacterSet)) return []
  const beyond = taken.some(({ value }) => value.some((byte) => byte > 0x7f))
  return beyond ? [{ tag: specificCharacterSet, vr: 'CS', value: 'ISO_IR 100' }] : []
}

/** Series, equipment, and what kind of image this is (C.7.3.1, C.7.5.1, C.8.6, C.7.6.1, C.12.1). */
function captured({ version }: CaptureSource, now: Date): DicomAttribute[] {
  const two = (value: number): string => String(value).padStart(2, '0')
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`
  return [
    { tag: 0x00080012, vr: 'DA', value: date },
    { tag: 0x00080013, vr: 'TM', value: time },
    { tag: 0x00080021, vr: 'DA', value: date },
    { tag: 0x00080023, vr: 'DA', value: date },
    { tag: 0x00080031, vr: 'TM', value: time },
    { tag: 0x00080033, vr: 'TM', value: time },
    { tag: 0x0008103e, vr: 'LO', value: 'Assay: tampering screen - research use only' },
    { tag: 0x00081090, vr: 'LO', value: 'Assay' },
    { tag: 0x00082111, vr: 'ST', value: `Scan, purified scan and what the purifier removed, side by side, with the verdict of a screening for adversarial tampering. ${researchUseOnly}` },
    { tag: 0x00181012, vr: 'DA', value: date },
    { tag: 0x00181014, vr: 'TM', value: time },
    { tag: 0x00181016, vr: 'LO', value: 'Assay' },
    { tag: 0x00181018, vr: 'LO', value: 'Assay' },
    ...(version === undefined
      ? []
      : [
          { tag: 0x00181019, vr: 'LO' as const, value: version },
          { tag: 0x00181020, vr: 'LO' as const, value: version },
        ]),
    { tag: 0x00200011, vr: 'IS', value: seriesNumber },
    { tag: 0x00280301, vr: 'CS', value: 'YES' },
  ]
}

/** Source Image Sequence, with the purpose of reference from CID 7202. */
function sourceImage(taken: readonly SourceAttribute[], { frame }: CaptureSource): DicomAttribute[] {
  const sopClass = sourceText(taken, sopClassUid)
  const sopInstance = sourceText(taken, sopInstanceUid)
  if (sopClass === undefined || sopInstance === undefined) return []
  const purpose: DicomAttribute[] = [
    { tag: 0x00080100, vr: 'SH', value: '121322' },
    { tag: 0x00080102, vr: 'SH', value: 'DCM' },
    { tag: 0x00080104, vr: 'LO', value: 'Source image for image processing operation' },
  ]
  const reference: DicomAttribute[] = [
    { tag: 0x00081150, vr: 'UI', value: sopClass },
    { tag: 0x00081155, vr: 'UI', value: sopInstance },
    ...(frame === undefined ? [] : [{ tag: 0x00081160, vr: 'IS' as const, value: String(frame) }]),
    { tag: 0x0040a170, vr: 'SQ', items: [purpose] },
  ]
  return [{ tag: 0x00082112, vr: 'SQ', items: [reference] }]
}
