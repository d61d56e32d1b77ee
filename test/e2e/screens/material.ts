/** What the tour works with, made anew each time: phantoms, attacks on them, files that are broken, a model of somebody else's. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { writePhantomDataSet } from '../../../src/engine/phantom/data-set'

const root = resolve(import.meta.dirname, '../../..')

export interface Material {
  /** All of it; a fixed place, since the pictures show paths. */
  home: string
  /** A night's worth: untouched and attacked scans, and two files that cannot be read. */
  archive: string
  /** Class folders of a hospital's own. */
  local: { train: string; test: string }
  vendor: string
  notAModel: string
}

export async function makeMaterial(): Promise<Material> {
  const home = join(tmpdir(), 'assay-guide')
  rmSync(home, { recursive: true, force: true })
  const local = join(home, 'local')
  await writePhantomDataSet(local, { count: 125, size: 192, seed: 9, format: 'dicom' })
  const archive = join(home, 'archive')
  mkdirSync(archive, { recursive: true })
  const drawn = join(home, 'drawn')
  await writePhantomDataSet(drawn, { count: 60, size: 512, seed: 7, format: 'dicom' })
  const attacked = join(home, 'attacked')
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin/assay.mjs'), 'attack', '--bundle', 'demo-phantom', '--data', join(drawn, 'test'), '--attack', 'pgd', '--eps', '4/255', '--out', attacked, '--seed', '1'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  for (const kind of ['normal', 'opacity']) {
    for (const name of readdirSync(join(drawn, 'train', kind))) copyFileSync(join(drawn, 'train', kind, name), join(archive, `${kind}-${name.replace('phantom-', '')}`))
    mkdirSync(join(archive, 'ward-3'), { recursive: true })
    for (const name of readdirSync(join(attacked, 'images', kind))) copyFileSync(join(attacked, 'images', kind, name), join(archive, 'ward-3', `${kind}-${name.replace('phantom-', '')}`))
  }
  writeFileSync(join(archive, 'ward-3', 'empty.dcm'), '')
  writeFileSync(join(archive, 'ward-3', 'letter.dcm'), 'Dear colleague, thank you for the referral.')
  const vendor = join(home, 'vendor.onnx')
  cpSync(join(root, 'models/demo-phantom/classifier.onnx'), vendor)
  const notAModel = join(home, 'notes.onnx')
  writeFileSync(notAModel, 'not a model')
  return { home, archive, local: { train: join(local, 'train'), test: join(local, 'test') }, vendor, notAModel }
}
