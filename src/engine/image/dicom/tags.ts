/**
 * The elements of a DICOM file as a person reads them: names by the standard's dictionary, values as text, nested sequences
 * with their depth. Values that tell of a person are withheld unless they are asked for: those that an anonymised copy
 * would not have either.
 */
import type { DicomTag } from '../../../shared/types'
import { textDecoder } from './character-set'
import type { DecodeText } from './character-set'
import { profileAction } from './confidentiality-profile'
import { hasPreamble, looksLikeDataSet } from './data-set'
import { hex, loadDictionary } from './dictionary'
import type { AttributeName, Dictionary } from './dictionary'
import { isPrivate } from './element-syntax'
import { isPrivateCreator, PrivateCreators } from './elements'
import type { DicomElement, ReadElements } from './elements'
import { plainText, readFileElements } from './file-elements'
import { valueText } from './value-text'

/** Rows; a person searches them, and an enhanced object repeats itself for each frame. */
const rowLimit = 20_000
const depthLimit = 32

/**
 * @param patientData show what tells of a person, private elements and UIDs too
 * @returns none for files that are not DICOM; a last row says where the list is not whole
 * @throws AssayError `image-truncated`, `image-corrupt`, `dicom-transfer-syntax-unsupported` where not even the beginning can be read
 */
export async function listTags(file: Uint8Array, name: string, { patientData }: { patientData: boolean }): Promise<DicomTag[]> {
  if (!hasPreamble(file) && !looksLikeDataSet(file)) return []
  const dictionary = await loadDictionary()
  const { meta, elements, bytes, stopped } = readFileElements(file, name, { dictionary, limit: rowLimit, depth: depthLimit, lenient: true })
  const rows: DicomTag[] = []
  new Lister(file, dictionary, patientData, rows).list(meta, 0)
  new Lister(bytes, dictionary, patientData, rows).list(elements, 0)
  const whole = rows.slice(0, rowLimit)
  const why = rows.length > rowLimit ? 'count' : stopped
  return why === undefined ? whole : [...whole, endOfList(why)]
}

const endings: Record<NonNullable<ReadElements['stopped']>, string> = {
  count: `There are more than ${rowLimit.toLocaleString('en')} elements; the rest is not listed.`,
  depth: `Sequences are nested more than ${depthLimit} deep here; the rest is not listed.`,
  damage: 'The file is cut or damaged here; the rest cannot be listed.',
}

const endOfList = (why: keyof typeof endings): DicomTag => ({ tag: '', vr: '', name: 'End of the list', value: endings[why], depth: 0, private: false, hidden: false })

class Lister {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly dictionary: Dictionary,
    private readonly patientData: boolean,
    private readonly rows: DicomTag[],
  ) {}

  /**
   * @param decode of what contains these elements; a data set may say another character set for itself
   * @param withheld true inside of what the profile removes as a whole
   */
  list(elements: readonly DicomElement[], depth: number, decode: DecodeText = textDecoder(undefined), withheld = false): void {
    const creators = new PrivateCreators()
    const characterSet = plainText(elements, 0x00080005, this.bytes)
    const text = characterSet === undefined ? decode : textDecoder(characterSet)
    const frames = Number.parseInt(plainText(elements, 0x00280008, this.bytes) ?? '1', 10) || 1
    for (const element of elements) {
      const { tag, vr, value, items } = element
      creators.meet(tag, this.bytes.subarray(value.start, value.end))
      const tells = withheld || this.tellsOfAPerson(tag)
      const hidden = tells && !this.patientData
      // How many items there are says nothing of anybody.
      const shown = items !== undefined || !hidden
      this.rows.push({
        tag: `(${hex(tag >>> 16, 4)},${hex(tag & 0xffff, 4)})`,
        vr,
        name: this.nameOf(tag, creators),
        value: shown ? valueText(element, this.bytes, text, this.known(tag, creators)?.vr, frames) : '',
        depth,
        private: isPrivate(tag),
        hidden: !shown,
      })
      items?.forEach((item, i) => {
        this.rows.push({ tag: '(FFFE,E000)', vr: '', name: `Item ${i + 1}`, value: '', depth: depth + 1, private: false, hidden: false })
        this.list(item.elements, depth + 1, text, tells)
      })
    }
  }

  private tellsOfAPerson(tag: number): boolean {
    const group = tag >>> 16
    // Of the meta information: the instance, who sent it, what they added.
    if (group === 2) return tag === 0x00020003 || (tag >= 0x00020016 && tag <= 0x00020102)
    const action = profileAction(tag)
    return (action !== undefined && action !== 'X/Z/U*') || this.dictionary.standard(tag) === undefined
  }

  private known(tag: number, creators: PrivateCreators): AttributeName | undefined {
    if (!isPrivate(tag)) return this.dictionary.standard(tag)
    const creator = creators.of(tag)
    return creator === undefined ? undefined : this.dictionary.private(tag, creator)
  }

  private nameOf(tag: number, creators: PrivateCreators): string {
    if (!isPrivate(tag)) return this.dictionary.standard(tag)?.name ?? 'Unknown'
    if (isPrivateCreator(tag)) return 'Private Creator'
    if ((tag & 0xffff) === 0) return 'Group Length'
    const creator = creators.of(tag)
    if (creator === undefined || creator === '') return 'Private, of an unknown maker'
    const known = this.known(tag, creators)?.name
    return `${creator}, element ${hex(tag & 0xff, 2)}${known === undefined || known === 'Unknown' ? '' : `: ${known}`}`
  }
}
