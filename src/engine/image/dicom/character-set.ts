/**
 * Text of DICOM in the character sets of Specific Character Set (PS3.3 C.12.1.1.2, PS3.5 6.1.2), code extensions of
 * ISO 2022 included. What is not known is read as Latin 1, so that no text is lost for a wrong label.
 */

/** Defined terms → labels of the Encoding Standard, which TextDecoder knows. "ISO 2022 IR n" and "ISO_IR n" are one here. */
const labels: Readonly<Record<string, string>> = {
  'IR 6': 'latin1',
  'IR 13': 'shift_jis',
  'IR 100': 'latin1',
  'IR 101': 'iso-8859-2',
  'IR 109': 'iso-8859-3',
  'IR 110': 'iso-8859-4',
  'IR 126': 'iso-8859-7',
  'IR 127': 'iso-8859-6',
  'IR 138': 'iso-8859-8',
  'IR 144': 'iso-8859-5',
  'IR 148': 'iso-8859-9',
  'IR 166': 'windows-874',
  'IR 192': 'utf-8',
  'IR 203': 'iso-8859-15',
  GB18030: 'gb18030',
  GBK: 'gbk',
}

/** Bytes behind an escape → label of what follows; `whole` stands for the lower half of the code table, where all bytes are meant. */
const designations: readonly { escape: string; label: string; whole: boolean }[] = [
  { escape: '$B', label: 'iso-2022-jp', whole: true },
  { escape: '$(D', label: 'euc-jp', whole: true },
  { escape: '(B', label: 'latin1', whole: true },
  { escape: '(J', label: 'shift_jis', whole: true },
  { escape: ')I', label: 'shift_jis', whole: false },
  { escape: '$)C', label: 'euc-kr', whole: false },
  { escape: '$)A', label: 'gbk', whole: false },
  { escape: '-A', label: 'latin1', whole: false },
  { escape: '-B', label: 'iso-8859-2', whole: false },
  { escape: '-C', label: 'iso-8859-3', whole: false },
  { escape: '-D', label: 'iso-8859-4', whole: false },
  { escape: '-F', label: 'iso-8859-7', whole: false },
  { escape: '-G', label: 'iso-8859-6', whole: false },
  { escape: '-H', label: 'iso-8859-8', whole: false },
  { escape: '-L', label: 'iso-8859-5', whole: false },
  { escape: '-M', label: 'iso-8859-9', whole: false },
  { escape: '-T', label: 'windows-874', whole: false },
  { escape: '-b', label: 'iso-8859-15', whole: false },
]

const escapeByte = 0x1b
/** Line ends, value and name delimiters, behind which the initial character set is back (PS3.5, 6.1.2.5.3). */
const delimiters = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x5c, 0x5e, 0x3d])

export type DecodeText = (bytes: Uint8Array) => string

const decodeAs = (label: string, bytes: Uint8Array): string => new TextDecoder(label).decode(bytes)

/** @param characterSet value of (0008,0005); multi-valued where code extensions are used; absent is ASCII */
export function textDecoder(characterSet: string | undefined): DecodeText {
  const terms = (characterSet ?? '').split('\\').map((term) => term.trim().replace(/^ISO(_| 2022 )/, ''))
  const initial = labels[terms[0] ?? ''] ?? 'latin1'
  const extended = terms.length > 1 || characterSet?.includes('2022') === true
  return (bytes) => (extended && bytes.includes(escapeByte) ? decodeExtended(bytes, initial) : decodeAs(initial, bytes))
}

function decodeExtended(bytes: Uint8Array, initial: string): string {
  let text = ''
  let at = 0
  let label = initial
  let whole = true
  while (at < bytes.length) {
    const next = bytes.indexOf(escapeByte, at)
    const end = next < 0 ? bytes.length : next
    text += decodeSegment(bytes.subarray(at, end), label, whole, initial)
    if (next < 0) break
    const found = designations.find(({ escape }) => [...escape].every((character, i) => bytes[next + 1 + i] === character.charCodeAt(0)))
    at = next + 1 + (found?.escape.length ?? 0)
    label = found?.label ?? initial
    whole = found?.whole ?? true
  }
  return text
}

function decodeSegment(segment: Uint8Array, label: string, whole: boolean, initial: string): string {
  if (segment.length === 0) return ''
  if (label === 'iso-2022-jp') return decodeAs(label, Uint8Array.of(escapeByte, 0x24, 0x42, ...segment))
  // JIS X 0212: in EUC the two bytes stand with their upper bits set behind a single shift.
  if (label === 'euc-jp') return decodeAs(label, Uint8Array.from({ length: (segment.length >> 1) * 3 }, (_, i) => (i % 3 === 0 ? 0x8f : segment[Math.floor(i / 3) * 2 + (i % 3) - 1]! | 0x80)))
  if (whole) return decodeAs(label, segment)
  const stop = segment.findIndex((byte) => delimiters.has(byte))
  return stop < 0 ? decodeAs(label, segment) : decodeAs(label, segment.subarray(0, stop)) + decodeAs(initial, segment.subarray(stop))
}
