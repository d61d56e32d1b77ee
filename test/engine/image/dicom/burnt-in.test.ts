import { expect, test } from 'vitest'
import { mayBeBurntIn } from '../../../../src/engine/image/dicom/burnt-in'
import { ctImage, madeFile } from './made-files'

const of = (modality: string, said?: string, sopClass = ctImage): Promise<string | undefined> =>
  mayBeBurntIn(madeFile([[0x00080016, 'UI', sopClass], [0x00080060, 'CS', modality], [0x00280010, 'US', 3], ...(said === undefined ? [] : [[0x00280301, 'CS', said] as [number, string, string]])]), 'scan.dcm')

test('text in the pixels is suspected where the file says so, and of screens and captures unless it denies it', async () => {
  expect(await of('CT')).toBeUndefined()
  expect(await of('CT', 'YES')).toContain('burnt into')
  expect(await of('US')).toContain('US')
  expect(await of('US', 'NO')).toBeUndefined()
  expect(await of('CT', undefined, '1.2.840.10008.5.1.4.1.1.7')).toContain('secondary capture')
  expect(await of('CT', undefined, '1.2.840.10008.5.1.4.1.1.7.4')).toContain('secondary capture')
  expect(await mayBeBurntIn(madeFile([[0x00080060, 'CS', 'US']]), 'report.dcm')).toBeUndefined()
})
