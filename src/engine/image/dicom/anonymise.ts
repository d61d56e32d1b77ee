/**
 * A copy of a DICOM file without what tells of a person: the Basic Application Level Confidentiality Profile of DICOM
 * PS3.15, annex E, in the file's own encoding. What is kept is copied byte by byte, the pixels among it; only notes in the
 * headers of compressed pictures are blanked.
 *
 * Where the table leaves a choice, a dummy value is written rather than an empty one, and an empty one rather than none:
 * so attributes of type 1 and 2 stay legal whatever the object is. Beyond the table, what cannot be judged goes as well:
 * attributes that the dictionary does not know, and sequences that are not written as such.
 */
import { deflateRawSync } from 'node:zlib'
import { AssayError } from '../../../shared/errors'
import { withoutNotes } from './codestream-notes'
import { profileAction } from './confidentiality-profile'
import { hasPreamble, looksLikeDataSet } from './data-set'
import { loadDictionary } from './dictionary'
import type { Dictionary } from './dictionary'
import { dummyValue } from './dummy-values'
import type { Encoding } from './element-syntax'
import type { DicomElement } from './elements'
import { copyLimits, plainText, readFileElements } from './file-elements'
import { element, encapsulated, fileMeta, join, sequence } from './serialise'
import type { Parts } from './serialise'
import { transferSyntaxes } from './transfer-syntaxes'
import { makeUid, pseudonymOf, replacedUid } from './uid'

const patientId = 0x00100020
const mediaStorageDirectory = '1.2.840.10008.1.3.10'
/** JPEG and its successors. What else is in fragments can begin like one of them by chance. */
const codestreams = '1.2.840.10008.1.2.4.'
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

/**
 * @param salt makes the new UIDs: files anonymised with the same salt stay together in their study and series, and what
 * refers to another file still finds it. Whoever knows the salt and an old UID can tell the new one.
 * @throws AssayError `image-unsupported` for what is no DICOM file and for a DICOMDIR; `image-truncated`, `image-corrupt`,
 * `dicom-transfer-syntax-unsupported`
 */
export async function anonymiseDicom(file: Uint8Array, name: string, salt: string): Promise<Uint8Array> {
  if (!hasPreamble(file) && !looksLikeDataSet(file))
    throw new AssayError('image-unsupported', `${name} is not a DICOM file; anonymised copies are made of DICOM files only.`, { path: name })
  const dictionary = await loadDictionary()
  const { meta, elements, bytes, encoding, transferSyntaxUid } = readFileElements(file, name, copyLimits(dictionary))
  const sopClass = plainText(elements, 0x00080016, bytes) ?? plainText(meta, 0x00020002, file) ?? ''
  if (sopClass === mediaStorageDirectory || elements.some(({ tag }) => tag === 0x00041220))
    throw new AssayError('image-unsupported', `${name} is a directory of DICOM files (DICOMDIR); anonymise the files that it lists.`, { path: name })

  const target = transferSyntaxes[transferSyntaxUid]
  if (!target || target.littleEndian !== encoding.littleEndian)
    throw new AssayError('image-unsupported', `${name} is written in an order of bytes that no transfer syntax stands for; convert it first.`, { path: name })

  const original = plainText(elements, 0x00080018, bytes) ?? plainText(meta, 0x00020003, file)
  const instance = original === undefined ? makeUid() : replacedUid(salt, original)
  const statement = statementOfRemoval(target)
  const stated = new Set(statement.map(({ tag }) => tag))
  const copier = new Copier(bytes, salt, dictionary, transferSyntaxUid.startsWith(codestreams))
  const copied = once(elements)
    .filter(({ tag }) => !stated.has(tag))
    .map((each) => ({ tag: each.tag, parts: copier.copy(each, target) }))
  const dataSet = [...copied, ...statement].sort((a, b) => a.tag - b.tag).flatMap(({ parts }) => parts)
  return join([...fileMeta(sopClass, instance, transferSyntaxUid), ...(target.deflated ? deflate(dataSet) : dataSet)])
}

/** What the profile asks to be said in the copy (PS3.15, E.1.1; PS3.3, C.12.1.1 and C.7.1.1). */
function statementOfRemoval(encoding: Encoding): { tag: number; parts: Parts }[] {
  const text = (tag: number, vr: string, value: string): { tag: number; parts: Parts } => ({ tag, parts: element(tag, vr, ascii(value), encoding) })
  const code = [text(0x00080100, 'SH', '113100'), text(0x00080102, 'SH', 'DCM'), text(0x00080104, 'LO', 'Basic Application Confidentiality Profile')]
  return [
    text(0x00120062, 'CS', 'YES'),
    text(0x00120063, 'LO', 'Assay: DICOM PS3.15 2024b Basic Confidentiality Profile'),
    { tag: 0x00120064, parts: sequence(0x00120064, [code.flatMap(({ parts }) => parts)], encoding) },
    text(0x00280303, 'CS', 'REMOVED'),
  ]
}

function deflate(dataSet: Parts): Parts {
  const deflated = deflateRawSync(join(dataSet))
  return [deflated, new Uint8Array(deflated.length % 2)]
}

/** Without repetitions of a tag, which readers take in different ways. */
function once(elements: readonly DicomElement[]): DicomElement[] {
  const first = new Map<number, DicomElement>()
  for (const each of elements) if (!first.has(each.tag)) first.set(each.tag, each)
  return [...first.values()]
}

/** Elements are written in the encoding of what they are put into: that of the data set, also inside of UN. */
class Copier {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly salt: string,
    private readonly dictionary: Dictionary,
    private readonly mayHoldNotes: boolean,
  ) {}

  /** What becomes of an element; nothing where it goes. */
  copy(original: DicomElement, target: Encoding): Parts {
    const { tag } = original
    const group = tag >>> 16
    // Group lengths would be wrong; command, meta and directory groups have no place in a data set.
    if ((tag & 0xffff) === 0 || group <= 4) return []
    switch (profileAction(tag)) {
      case undefined:
        return this.dictionary.standard(tag) ? this.keep(original, target) : []
      case 'X':
        return []
      case 'Z':
      case 'X/Z':
        return this.empty(original, target)
      case 'D':
      case 'X/D':
      case 'Z/D':
      case 'X/Z/D':
        return tag === patientId ? this.pseudonym(original, target) : this.dummy(original, target)
      case 'U':
        return this.replaceUids(original, target)
      case 'X/Z/U*':
        return this.keep(original, target)
    }
  }

  private keep(original: DicomElement, target: Encoding): Parts {
    const { tag, value, encoding, items, fragments } = original
    if (items) return this.items(original, target, (each) => this.copy(each, target))
    if (fragments) {
      const [offsets, ...pieces] = fragments.map(({ start, end }) => this.bytes.subarray(start, end))
      return encapsulated(tag, [...(offsets ? [offsets] : []), ...(this.mayHoldNotes ? withoutNotes(pieces) : pieces)], target)
    }
    const vr = this.representation(original)
    // A sequence that is not written as one; numbers whose bytes would have to be turned.
    if (vr === 'SQ' || encoding.littleEndian !== target.littleEndian) return []
    return element(tag, vr, this.bytes.subarray(value.start, value.end), target)
  }

  private empty(original: DicomElement, target: Encoding): Parts {
    const vr = this.representation(original)
    return vr === 'SQ' ? sequence(original.tag, [], target) : element(original.tag, vr, new Uint8Array(), target)
  }

  /** Of a sequence, the first item with nothing in it but what the standard itself defines, so that it stays legal. */
  private dummy(original: DicomElement, target: Encoding): Parts {
    const { tag, value, items } = original
    if (items) return this.items({ ...original, items: items.slice(0, 1) }, target, (each) => this.dummyWithin(each, target))
    const vr = this.representation(original)
    // What was empty has nothing to hide.
    if (vr === 'SQ' || value.end === value.start) return this.empty(original, target)
    return element(tag, vr, dummyValue(vr), target)
  }

  /** Patients stay apart: of one name for all, an archive would make one patient. */
  private pseudonym(original: DicomElement, target: Encoding): Parts {
    const id = this.text(original)
    return id === '' ? this.empty(original, target) : element(original.tag, 'LO', ascii(pseudonymOf(this.salt, id)), target)
  }

  private text({ value }: DicomElement): string {
    return new TextDecoder('latin1').decode(this.bytes.subarray(value.start, value.end)).replace(/^ +|[\0 ]+$/g, '')
  }

  private dummyWithin(original: DicomElement, target: Encoding): Parts {
    const { tag } = original
    const action = profileAction(tag)
    if (action === 'X' || (tag & 0xffff) === 0 || !this.dictionary.standard(tag)) return []
    const vr = this.representation(original)
    if (vr === 'UI') return this.replaceUids(original, target)
    if (vr === 'CS' && action === undefined) return this.keep(original, target)
    return this.dummy(original, target)
  }

  private replaceUids(original: DicomElement, target: Encoding): Parts {
    const uids = this.text(original).split('\\').map((uid) => replacedUid(this.salt, uid.replace(/^ +|[\0 ]+$/g, '')))
    return element(original.tag, 'UI', ascii(uids.join('\\')), target)
  }

  private items({ tag, items = [] }: DicomElement, target: Encoding, copied: (each: DicomElement) => Parts): Parts {
    return sequence(tag, items.map((item) => once(item.elements).flatMap(copied)), target)
  }

  /** By the dictionary where the file says nothing; SQ also where the dictionary says so and the file hides it. */
  private representation({ tag, vr, items }: DicomElement): string {
    const known = this.dictionary.standard(tag)?.vr
    if (items || known === 'SQ') return 'SQ'
    return vr === 'UN' && known !== undefined && /^[A-Z]{2}$/.test(known) ? known : vr
  }
}
