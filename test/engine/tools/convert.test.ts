/** Converted files: none in the place of another, least of all of an original. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodePng } from '../../../src/engine/image/encode'
import { convert } from '../../../src/engine/tools/convert'
import { file, image } from '../image/dicom/dicom-maker'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'assay-convert-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const quietly = (): void => undefined
const scan = (data: number[]): Uint8Array => encodePng({ width: 2, height: 2, samples: 1, data: Uint16Array.from(data) })
const frames = (count: number): Uint8Array => file(image({ rows: 2, columns: 2, frames: String(count), data: Array.from({ length: 4 * count }, (_, i) => i) }))

test('an original is not overwritten by the picture that is made of it, and the others are made', async () => {
  const original = scan([1, 2000, 40_000, 65_535])
  writeFileSync(join(folder, 'scan.png'), original)
  writeFileSync(join(folder, 'slice.dcm'), frames(1))
  const [kept, made] = await convert([join(folder, 'scan.png'), join(folder, 'slice.dcm')], folder, 'png', quietly)
  expect(readFileSync(join(folder, 'scan.png'))).toEqual(Buffer.from(original))
  expect(kept).toMatchObject({ written: [], error: { code: 'invalid-arguments', message: expect.stringContaining('choose another folder') } })
  expect(made).toMatchObject({ written: ['slice.png'] })
})

test('what lies in the folder already, of an earlier run or of somebody else, stays', async () => {
  writeFileSync(join(folder, 'slice.dcm'), frames(1))
  writeFileSync(join(folder, 'slice.npz'), 'measured by hand')
  expect(await convert([join(folder, 'slice.dcm')], folder, 'npz', quietly)).toMatchObject([{ written: [], error: { code: 'invalid-arguments' } }])
  expect(readFileSync(join(folder, 'slice.npz'), 'utf8')).toBe('measured by hand')
})

test('a file that is called like a frame of another gets a picture of its own', async () => {
  writeFileSync(join(folder, 'cine.dcm'), frames(2))
  writeFileSync(join(folder, 'cine.2.dcm'), frames(1))
  const out = join(folder, 'out')
  const made = await convert([join(folder, 'cine.dcm'), join(folder, 'cine.2.dcm')], out, 'png', quietly)
  expect(made.map(({ written }) => written)).toEqual([['cine.1.png', 'cine.2.png'], ['cine.2-2.png']])
  expect(readdirSync(out).sort()).toEqual(['cine.1.png', 'cine.2-2.png', 'cine.2.png'])
})
