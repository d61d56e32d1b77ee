/** DICOM files put together element by element, in any encoding, with whatever a test wants to find again. */
import { deflateRawSync } from 'node:zlib'
import type { Encoding } from '../../../../src/engine/image/dicom/element-syntax'
import { element, encapsulated, fileMeta, join, sequence } from '../../../../src/engine/image/dicom/serialise'
import type { Parts } from '../../../../src/engine/image/dicom/serialise'
import { transferSyntaxes } from '../../../../src/engine/image/dicom/transfer-syntaxes'

export const syntaxes = {
  implicit: '1.2.840.10008.1.2',
  explicit: '1.2.840.10008.1.2.1',
  deflated: '1.2.840.10008.1.2.1.99',
  big: '1.2.840.10008.1.2.2',
  jpegLossless: '1.2.840.10008.1.2.4.70',
} as const

export type MadeElement =
  | [tag: number, vr: string, value: string | number | Uint8Array]
  | [tag: number, vr: 'SQ', items: MadeElement[][]]

function encode(elements: readonly MadeElement[], encoding: Encoding): Parts {
  return [...elements]
    .sort(([a], [b]) => a - b)
    .flatMap(([tag, vr, value]) => {
      if (Array.isArray(value)) return sequence(tag, value.map((item) => encode(item, encoding)), encoding)
      if (typeof value === 'string') return element(tag, vr, Buffer.from(value, 'latin1'), encoding)
      if (typeof value !== 'number') return element(tag, vr, value, encoding)
      const bytes = new Uint8Array(vr === 'US' || vr === 'SS' ? 2 : 4)
      const view = new DataView(bytes.buffer)
      if (bytes.length === 2) view.setUint16(0, value, encoding.littleEndian)
      else view.setUint32(0, value, encoding.littleEndian)
      return element(tag, vr, bytes, encoding)
    })
}

export const ctImage = '1.2.840.10008.5.1.4.1.1.2'

export function madeFile(elements: readonly MadeElement[], { syntax = syntaxes.explicit, fragments, instance = '1.2.3.4.5' }: { syntax?: string; fragments?: Uint8Array[]; instance?: string } = {}): Uint8Array {
  const encoding = transferSyntaxes[syntax]!
  const dataSet = [...encode(elements, encoding), ...(fragments ? encapsulated(0x7fe00010, fragments, encoding) : [])]
  const body = encoding.deflated ? [deflateRawSync(join(dataSet))] : dataSet
  return join([...fileMeta(ctImage, instance, syntax), ...body])
}

/** 4 × 3 pixels of 16 bits, little endian. */
export const pixels = Uint8Array.from({ length: 24 }, (_, i) => (i * 37) & 0xff)

/** A small CT of a patient with a past. */
export const patient: MadeElement[] = [
  [0x00080005, 'CS', 'ISO_IR 100'],
  [0x00080008, 'CS', 'ORIGINAL\\PRIMARY'],
  [0x00080012, 'DA', '20190716'],
  [0x00080016, 'UI', ctImage],
  [0x00080018, 'UI', '1.2.3.4.5'],
  [0x00080020, 'DA', '20190717'],
  [0x00080022, 'DA', '20190718'],
  [0x00080023, 'DA', '20190719'],
  [0x00080030, 'TM', '091234'],
  [0x00080050, 'SH', 'ACC-77123'],
  [0x00080060, 'CS', 'CT'],
  [0x00080070, 'LO', 'Scanner Works'],
  [0x00080080, 'LO', 'St. Mary Infirmary'],
  [0x00080081, 'ST', '12 Cross Street'],
  [0x00080090, 'PN', 'Whitcombe^Rosalind'],
  [0x00081030, 'LO', 'Follow-up for Mr Grünwald'],
  [0x0008103e, 'LO', 'Thorax Grünwald'],
  [
    0x00081140,
    'SQ',
    [
      [
        [0x00081150, 'UI', ctImage],
        [0x00081155, 'UI', '1.2.3.4.6'],
      ],
    ],
  ],
  [0x00090010, 'LO', 'GEMS_IDEN_01'],
  [0x00091001, 'LO', 'secret of the maker'],
  [0x00100010, 'PN', 'Grünwald^Matthias'],
  [0x00100020, 'LO', 'PID-550199'],
  [0x00100030, 'DA', '19480502'],
  [0x00100040, 'CS', 'M'],
  [0x00101010, 'AS', '071Y'],
  [0x00104000, 'LT', 'Mr Grünwald is hard of hearing'],
  [0x00181000, 'LO', 'SERIAL-0815'],
  [0x0020000d, 'UI', '1.2.3.7.1'],
  [0x0020000e, 'UI', '1.2.3.7.2'],
  [0x00200010, 'SH', 'STUDY-9'],
  [0x00200011, 'IS', '3'],
  [0x00200052, 'UI', '1.2.3.7.3'],
  [0x00280002, 'US', 1],
  [0x00280004, 'CS', 'MONOCHROME2'],
  [0x00280010, 'US', 3],
  [0x00280011, 'US', 4],
  [0x00280100, 'US', 16],
  [0x00280101, 'US', 16],
  [0x00280102, 'US', 15],
  [0x00280103, 'US', 0],
  [0x00281050, 'DS', '40'],
  [0x00281051, 'DS', '400'],
  [
    0x00400275,
    'SQ',
    [[[0x00400007, 'LO', 'Chest for Grünwald']]],
  ],
]

export const image: MadeElement[] = [...patient, [0x7fe00010, 'OW', pixels]]

/** Everything of the patient above that a copy may not have. */
export const secrets = [
  'Grünwald',
  'Matthias',
  'PID-550199',
  '19480502',
  '20190716',
  '20190717',
  '20190718',
  '20190719',
  '091234',
  'ACC-77123',
  'St. Mary',
  'Cross Street',
  'Whitcombe',
  'GEMS_IDEN_01',
  'secret of the maker',
  '071Y',
  'SERIAL-0815',
  'STUDY-9',
  '1.2.3.',
]

/** The files' bytes as text of one character per byte. */
export const asText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
