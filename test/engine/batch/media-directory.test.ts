/** A DICOMDIR in place of the files that it names: one of DCMTK's making where it is installed, and ones that nobody should believe. */
import { spawnSync } from 'node:child_process'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { expandPaths } from '../../../src/engine/batch/expand'
import { decodeImage } from '../../../src/engine/image/decode'
import { writeDicom } from '../../../src/engine/image/dicom/write'
import { temporaryFolder } from '../bundle/fixtures'
import type { Element } from '../image/dicom/dicom-maker'
import { dataSet, explicitLittle, header, joined } from '../image/dicom/dicom-maker'

const directoryClass = '1.2.840.10008.1.3.10'
const cs = (tag: number, value: string): Element => ({ tag, vr: 'CS', value })
const record = (type: string, ...file: string[]): Element[] => [
  { tag: 0x00041410, vr: 'US', value: [0xffff] },
  cs(0x00041430, type),
  ...(file.length > 0 ? [cs(0x00041500, file.join('\\'))] : []),
]
const dicomdir = (records: Element[][], undefinedLength = false): Uint8Array =>
  joined(header('1.2.840.10008.1.2.1', directoryClass), dataSet([{ tag: 0x00041220, vr: 'SQ', value: records, undefinedLength }], explicitLittle))

const scan = (seed: string) => writeDicom({ kind: 'secondary-capture', modality: 'OT', width: 2, height: 2, pixels: Uint8Array.of(1, 2, 3, 4), seed })

/** A medium with two scans in capitals. */
async function medium(): Promise<string> {
  const folder = join(await temporaryFolder(), 'disc')
  await mkdir(join(folder, 'IMAGES'), { recursive: true })
  for (const name of ['A1', 'A2']) await writeFile(join(folder, 'IMAGES', name), scan(name))
  return folder
}

test.skipIf(process.platform === 'win32')('a pipe is handed on without being opened, which would wait for a writer', async () => {
  const path = join(await temporaryFolder(), 'pipe.dcm')
  expect(spawnSync('mkfifo', [path]).status).toBe(0)
  expect(await expandPaths([path])).toEqual([{ path }])
})

describe('a DICOMDIR', () => {
  test('stands for the images that it names, in its order, whatever it is called', async () => {
    const folder = await medium()
    const records = [record('PATIENT'), record('STUDY'), record('SERIES'), record('IMAGE', 'IMAGES', 'A2'), record('IMAGE', 'IMAGES', 'A1'), record('IMAGE', 'IMAGES', 'A2'), record('SR DOCUMENT', 'IMAGES', 'A3')]
    for (const undefinedLength of [false, true]) {
      await writeFile(join(folder, 'INDEX'), dicomdir(records, undefinedLength))
      expect(await expandPaths([join(folder, 'INDEX')])).toEqual([{ path: join(folder, 'IMAGES', 'A2') }, { path: join(folder, 'IMAGES', 'A1') }])
    }
  })

  test('finds files that were copied in small letters', async () => {
    const folder = await medium()
    await rename(join(folder, 'IMAGES'), join(folder, 'images'))
    await rename(join(folder, 'images', 'A1'), join(folder, 'images', 'a1'))
    await writeFile(join(folder, 'DICOMDIR'), dicomdir([record('IMAGE', 'IMAGES', 'A1')]))
    expect(await expandPaths([join(folder, 'DICOMDIR')])).toEqual([{ path: join(folder, 'images', 'a1') }])
  })

  test('reports each file that is missing, and takes the others', async () => {
    const folder = await medium()
    await rm(join(folder, 'IMAGES', 'A1'))
    await writeFile(join(folder, 'DICOMDIR'), dicomdir([record('IMAGE', 'IMAGES', 'A1'), record('IMAGE', 'IMAGES', 'A2'), record('IMAGE', 'GONE', 'A9')]))
    const found = await expandPaths([join(folder, 'DICOMDIR')])
    expect(found.map(({ path, error }) => [path, error?.code])).toEqual([
      [join(folder, 'IMAGES', 'A1'), 'file-not-found'],
      [join(folder, 'IMAGES', 'A2'), undefined],
      [join(folder, 'GONE', 'A9'), 'file-not-found'],
    ])
  })

  test('does not lead out of its own folder', async () => {
    const folder = await medium()
    await writeFile(join(folder, '..', 'SECRET'), scan('secret'))
    await symlink(join(folder, '..'), join(folder, 'LINK'))
    const away = [['..', 'SECRET'], ['IMAGES', '..', '..', 'SECRET'], ['/etc', 'passwd'], ['IMAGES/../../SECRET'], ['C:', 'SECRET'], ['LINK', 'SECRET'], ['', 'etc', 'passwd']]
    await writeFile(join(folder, 'DICOMDIR'), dicomdir(away.map((file) => record('IMAGE', ...file))))
    const found = await expandPaths([join(folder, 'DICOMDIR')])
    expect(found.length).toBeGreaterThan(0)
    for (const { path, error } of found) {
      expect(error, path).toMatchObject({ code: 'invalid-arguments' })
      expect(path.startsWith(folder)).toBe(true)
    }
  })

  test('without images, or damaged, is reported itself', async () => {
    const folder = await medium()
    const path = join(folder, 'DICOMDIR')
    const outcome = async (bytes: Uint8Array) => {
      await writeFile(path, bytes)
      return (await expandPaths([path])).map((wanted) => [wanted.path, wanted.error?.code])
    }
    expect(await outcome(dicomdir([record('PATIENT')]))).toEqual([[path, 'data-set-invalid']])
    const whole = dicomdir([record('IMAGE', 'IMAGES', 'A1')])
    expect(await outcome(whole.subarray(0, whole.length - 10))).toEqual([[path, 'image-truncated']])
  })

  test('in a folder that is scanned is passed over: its files are there', async () => {
    const folder = await medium()
    await writeFile(join(folder, 'DICOMDIR'), dicomdir([record('IMAGE', 'IMAGES', 'A1')]))
    expect(await expandPaths([folder])).toEqual(['A1', 'A2'].map((name) => ({ path: join(folder, 'IMAGES', name) })))
  })

  test('opened as an image says what it is', async () => {
    await expect(decodeImage(dicomdir([record('IMAGE', 'IMAGES', 'A1')]))).rejects.toMatchObject({ code: 'dicom-no-pixels', message: expect.stringContaining('DICOMDIR') })
  })

  const dcmtk = spawnSync('dcmmkdir', ['--version']).status === 0
  if (!dcmtk) console.log('SKIPPED: dcmmkdir is not installed, so none of its DICOMDIRs is read')
  test.skipIf(!dcmtk)('that DCMTK has made names the files that it was made of', async () => {
    const folder = await medium()
    const { status, stderr } = spawnSync('dcmmkdir', ['+I', '-Nxc', '+r', '+id', folder, '+D', join(folder, 'DICOMDIR')], { encoding: 'utf8', cwd: folder })
    expect(status, stderr).toBe(0)
    const found = await expandPaths([join(folder, 'DICOMDIR')])
    expect(found.map(({ path }) => path).sort()).toEqual(['A1', 'A2'].map((name) => join(folder, 'IMAGES', name)))
  })
})
