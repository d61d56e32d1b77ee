/**
 * What an image that is made of another takes over from it (PS3.3): the patient, the study, the history of its
 * compression, and which instance it was. Values stay bytes, so that they are right in the source's character set.
 */
import { hasPreamble, looksLikeDataSet } from './data-set'
import { loadDictionary } from './dictionary'
import { plainText, readFileElements } from './file-elements'

export interface SourceAttribute {
  /** 0xGGGGEEEE. */
  tag: number
  vr: 'AS' | 'CS' | 'DA' | 'DS' | 'LO' | 'PN' | 'SH' | 'TM' | 'UI'
  value: Uint8Array
}

/** Text in ASCII of one of them; undefined where it is not there or empty. */
export function sourceText(attributes: readonly SourceAttribute[], tag: number): string | undefined {
  const found = attributes.find((attribute) => attribute.tag === tag)
  return found && (new TextDecoder('latin1').decode(found.value).replace(/^ +|[\0 ]+$/g, '') || undefined)
}

const takenOver: readonly (readonly [tag: number, vr: SourceAttribute['vr']])[] = [
  [0x00080005, 'CS'], // character set
  [0x00080016, 'UI'], // SOP class and instance of the source
  [0x00080018, 'UI'],
  [0x00080020, 'DA'], // General Study, C.7.2.1
  [0x00080030, 'TM'],
  [0x00080050, 'SH'],
  [0x00080090, 'PN'],
  [0x00081030, 'LO'],
  [0x00100010, 'PN'], // Patient, C.7.1.1
  [0x00100020, 'LO'],
  [0x00100021, 'LO'],
  [0x00100030, 'DA'],
  [0x00100040, 'CS'],
  [0x00101010, 'AS'], // Patient Study, C.7.2.2
  [0x00102201, 'LO'],
  [0x00102203, 'CS'],
  [0x00102292, 'LO'],
  [0x00102297, 'PN'],
  [0x00102298, 'CS'],
  [0x00120062, 'CS'], // whether the source was de-identified, and how
  [0x00120063, 'LO'],
  [0x0020000d, 'UI'],
  [0x00200010, 'SH'],
  [0x00282110, 'CS'], // lossy compression so far, C.7.6.1.1.5
  [0x00282112, 'DS'],
  [0x00282114, 'CS'],
]

/** Identification and image description come early in a file; what follows is not looked at. */
const lastTag = 0x00290000

/**
 * @returns none for files that are not DICOM
 * @throws AssayError `image-truncated`, `image-corrupt`, `dicom-transfer-syntax-unsupported`
 */
export async function readSourceAttributes(file: Uint8Array, name: string): Promise<SourceAttribute[]> {
  if (!hasPreamble(file) && !looksLikeDataSet(file)) return []
  const { meta, elements, bytes } = readFileElements(file, name, { dictionary: await loadDictionary(), limit: 1_000_000, depth: 64, lenient: true, until: lastTag })
  const found = takenOver.flatMap(([tag, vr]): SourceAttribute[] => {
    const element = elements.find((candidate) => candidate.tag === tag)
    // Copied: the value must not hold on to the file.
    return element && !element.items ? [{ tag, vr, value: bytes.slice(element.value.start, element.value.end) }] : []
  })
  const fromMeta = (tag: number, metaTag: number): SourceAttribute[] => {
    const text = sourceText(found, tag) === undefined ? plainText(meta, metaTag, file) : undefined
    return text === undefined ? [] : [{ tag, vr: 'UI', value: new TextEncoder().encode(text) }]
  }
  return [...found, ...fromMeta(0x00080016, 0x00020002), ...fromMeta(0x00080018, 0x00020003)]
}
