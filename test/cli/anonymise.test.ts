/**
 * `assay anonymise` on files of its own: names, mapping, what it says and how it ends.
 */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { asText, image, madeFile } from '../engine/image/dicom/made-files'
import type { MadeElement } from '../engine/image/dicom/made-files'
import { temporaryFolder } from '../engine/bundle/fixtures'
import { commandLine } from './terminal-double'

async function study(): Promise<{ scans: string; out: string; home: string }> {
  const home = await temporaryFolder()
  const scans = join(home, 'Gruenwald Matthias')
  await mkdir(scans)
  await writeFile(join(scans, 'a.dcm'), madeFile(image))
  await writeFile(join(scans, 'b.dcm'), madeFile(image.map((each): MadeElement => (each[0] === 0x00080060 ? [0x00080060, 'CS', 'US'] : each))))
  return { scans, out: join(home, 'out'), home }
}

describe('assay anonymise', () => {
  it('writes numbered copies, names none of the originals, and says where text may be burnt in', async () => {
    const { scans, out } = await study()
    const { run, written } = commandLine()
    expect(await run('anonymise', scans, '--out', out, '--json')).toBe(0)
    expect(await readdir(out)).toEqual(['000001.dcm', '000002.dcm'])
    for (const name of await readdir(out)) expect(asText(await readFile(join(out, name)))).not.toContain('Matthias')
    expect(JSON.parse(written.stdout)).toEqual({
      out,
      files: ['000001.dcm', '000002.dcm'],
      warnings: [{ file: '000002.dcm', message: expect.stringContaining('modality US') }],
      errors: [],
      counts: { total: 2, anonymised: 2, error: 0 },
    })
    expect(written.stdout).not.toContain('Gruenwald')
  })

  it('goes on past what it cannot copy, names it, and ends with 3', async () => {
    const { scans, out } = await study()
    await writeFile(join(scans, 'c.png'), Buffer.from('\x89PNG\r\n\x1a\n'.padEnd(300), 'latin1'))
    await writeFile(join(scans, 'd.dcm'), madeFile(image).subarray(0, 700))
    const { run, written } = commandLine()
    expect(await run('anonymise', scans, join(scans, 'absent.dcm'), '--out', out)).toBe(3)
    expect(await readdir(out)).toEqual(['000001.dcm', '000002.dcm'])
    expect(written.stderr).toMatch(/c\.png is not a DICOM file.*\(image-unsupported\)/)
    expect(written.stderr).toMatch(/d\.dcm is cut short.*\(image-truncated\)/)
    expect(written.stderr).toMatch(/absent\.dcm.*\(file-not-found\)/)
    expect(written.stdout).toContain('warning  000002.dcm')
    expect(written.stdout).toContain('2 of 5 files anonymised')
  })

  it('never writes over anything', async () => {
    const { scans, out, home } = await study()
    expect(await commandLine().run('anonymise', scans, '--out', out)).toBe(0)
    const before = await readFile(join(out, '000001.dcm'))
    const again = commandLine()
    expect(await again.run('anonymise', scans, '--out', out)).toBe(2)
    expect(again.written.stderr).toContain('already holds 000001.dcm')
    expect(await readFile(join(out, '000001.dcm'))).toEqual(before)
    await writeFile(join(home, 'map.csv'), 'mine')
    expect(await commandLine().run('anonymise', scans, '--out', join(home, 'other'), '--mapping', join(home, 'map.csv'))).toBe(2)
    expect(await readFile(join(home, 'map.csv'), 'utf8')).toBe('mine')
  })

  it('makes the same copies of the same seed, others without', async () => {
    const { scans, home } = await study()
    const copy = async (name: string, ...options: string[]): Promise<Buffer> => {
      expect(await commandLine().run('anonymise', join(scans, 'a.dcm'), '--out', join(home, name), ...options)).toBe(0)
      return readFile(join(home, name, '000001.dcm'))
    }
    expect(await copy('1', '--seed', 'secret')).toEqual(await copy('2', '--seed', 'secret'))
    expect(await copy('3')).not.toEqual(await copy('4'))
  })

  it('writes down which copy is whose only where that is asked for', async () => {
    const { scans, out, home } = await study()
    const mapping = join(home, 'map.csv')
    expect(await commandLine().run('anonymise', scans, '--out', out, '--mapping', mapping)).toBe(0)
    expect((await readFile(mapping, 'utf8')).split('\r\n')).toEqual(['original,copy', `${join(scans, 'a.dcm')},000001.dcm`, `${join(scans, 'b.dcm')},000002.dcm`, ''])
  })

  it('is called wrongly without an output folder', async () => {
    const { scans } = await study()
    expect(await commandLine().run('anonymise', scans)).toBe(2)
  })
})
