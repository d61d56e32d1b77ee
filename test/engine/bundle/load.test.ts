import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { listBundles } from '../../../src/engine/bundle/catalogue'
import { loadBundle, requireScreening, resolveBundleFolder, resolveBundle } from '../../../src/engine/bundle/load'
import { updateManifest, writeBundle } from '../../../src/engine/bundle/write'
import { bytesOf, draft, models, temporaryFolder } from './fixtures'

async function bundleIn(home: string, name = 'bundle'): Promise<string> {
  const folder = join(home, name)
  await writeBundle(folder, draft, models)
  return folder
}

async function editManifest(folder: string, edit: (manifest: Record<string, any>) => void): Promise<void> {
  const path = join(folder, 'bundle.json')
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, any>
  edit(manifest)
  await writeFile(path, JSON.stringify(manifest))
}

describe('loading a bundle folder', () => {
  it('gives back the models it was written with, with the hashes that sha256sum computes', async () => {
    const folder = await bundleIn(await temporaryFolder())
    const bundle = await loadBundle(folder)
    expect(Buffer.from(bundle.classifier).toString()).toBe('the classifier')
    expect(Buffer.from(bundle.purifier ?? []).toString()).toBe('the purifier')
    const [hash] = execFileSync('sha256sum', [join(folder, 'classifier.onnx')], { encoding: 'utf8' }).split(' ')
    expect(bundle.manifest.classifier.sha256).toBe(hash)
  })

  it('refuses a model that was changed, and says which', async () => {
    const folder = await bundleIn(await temporaryFolder())
    await writeFile(join(folder, 'purifier.onnx'), 'another purifier')
    await expect(loadBundle(folder)).rejects.toMatchObject({ code: 'bundle-hash-mismatch', facts: { file: 'purifier.onnx' } })
    await expect(loadBundle(folder)).rejects.toThrow('purifier.onnx')
  })

  it('refuses a manifest that names a file outside the folder', async () => {
    const home = await temporaryFolder()
    const folder = await bundleIn(home)
    await writeFile(join(home, 'secret'), models.classifier)
    for (const file of ['../secret', '/etc/passwd', 'a/../../secret', 'C:\\secret', '..']) {
      await editManifest(folder, (manifest) => (manifest.classifier.file = file))
      await expect(loadBundle(folder)).rejects.toMatchObject({ code: 'bundle-invalid' })
    }
  })

  it('refuses links inside the folder, to files and to folders', async () => {
    const home = await temporaryFolder()
    const folder = await bundleIn(home)
    await mkdir(join(home, 'elsewhere'))
    await writeFile(join(home, 'elsewhere', 'classifier.onnx'), models.classifier)
    await symlink(join(home, 'elsewhere', 'classifier.onnx'), join(folder, 'linked.onnx'))
    await editManifest(folder, (manifest) => (manifest.classifier.file = 'linked.onnx'))
    await expect(loadBundle(folder)).rejects.toMatchObject({ code: 'bundle-invalid' })
    await symlink(join(home, 'elsewhere'), join(folder, 'models'))
    await editManifest(folder, (manifest) => (manifest.classifier.file = 'models/classifier.onnx'))
    await expect(loadBundle(folder)).rejects.toThrow('is a link')
  })

  it.each(['appearance', 'trainedOn'])('refuses a detector whose %s has no precision for each two of its features', async (part) => {
    const feature = { name: 'dark tones', mean: 0, scale: 1 }
    const of = (precision: number[][]) => ({ features: [feature, feature], precision, threshold: 1, images: 30 })
    const folder = await bundleIn(await temporaryFolder())
    await editManifest(folder, (manifest) => {
      manifest['detector'] = { combine: 'max', scores: [{ name: 'residual', median: 0, scale: 1 }], calibration: { scores: [1], heatmapUsual: 0, data: { label: '', sha256: '0'.repeat(64) }, date: '' }, [part]: of([[1, 0], [0]]) }
    })
    await expect(loadBundle(folder)).rejects.toMatchObject({ code: 'bundle-invalid', message: expect.stringContaining(`detector.${part}.precision needs 2 rows of 2 numbers`) })
  })

  it('says in one sentence what is wrong with a manifest, and where', async () => {
    const folder = await bundleIn(await temporaryFolder())
    await editManifest(folder, (manifest) => (manifest.classes = ['only one']))
    await expect(loadBundle(folder)).rejects.toMatchObject({ code: 'bundle-invalid', message: expect.stringContaining('classes') })
    await editManifest(folder, (manifest) => {
      manifest.classes = ['a', 'b']
      manifest.input.mean = [0, 0, 0]
    })
    await expect(loadBundle(folder)).rejects.toThrow('input.mean')
    await writeFile(join(folder, 'bundle.json'), '{ "format": ')
    await expect(loadBundle(folder)).rejects.toMatchObject({ code: 'bundle-invalid', message: expect.stringContaining('not JSON') })
  })

  it('tells a missing model from a wrong one, and what screening still needs', async () => {
    const home = await temporaryFolder()
    const folder = await bundleIn(home)
    await editManifest(folder, (manifest) => (manifest.purifier.file = 'absent.onnx'))
    await expect(loadBundle(folder)).rejects.toMatchObject({ code: 'bundle-incomplete', facts: { file: 'absent.onnx' } })

    const calibrated = await loadBundle(await bundleIn(home, 'uncalibrated'))
    expect(() => requireScreening(calibrated)).toThrow('not calibrated')
    const { purifier: _, ...bare } = draft
    await writeBundle(join(home, 'bare'), bare, { classifier: models.classifier })
    const classifierOnly = await loadBundle(join(home, 'bare'))
    expect(() => requireScreening(classifierOnly)).toThrow('no purifier')
  })
})

describe('loading a zipped bundle', () => {
  async function zipOf(home: string, rename: (name: string) => string): Promise<string> {
    const folder = await bundleIn(home)
    const names = ['bundle.json', 'classifier.onnx', 'purifier.onnx']
    const entries = await Promise.all(names.map(async (name) => [rename(name), new Uint8Array(await readFile(join(folder, name)))] as const))
    const path = join(home, 'bundle.zip')
    await writeFile(path, zipSync(Object.fromEntries(entries)))
    return path
  }

  it('reads the same models, with or without a folder around them', async () => {
    for (const prefix of ['', 'chest-test/']) {
      const bundle = await loadBundle(await zipOf(await temporaryFolder(), (name) => prefix + name))
      expect(Buffer.from(bundle.classifier).toString()).toBe('the classifier')
      expect(bundle.manifest.id).toBe('chest-test')
    }
  })

  it('is refused before work begins that would change it', async () => {
    const zip = await zipOf(await temporaryFolder(), (name) => name)
    await expect(resolveBundleFolder(zip, [])).rejects.toMatchObject({ code: 'bundle-invalid', message: expect.stringContaining('unpack') as string })
  })

  it('reads what the zip program makes', async () => {
    const home = await temporaryFolder()
    await bundleIn(home)
    try {
      execFileSync('python3', ['-m', 'zipfile', '-c', 'made.zip', 'bundle'], { cwd: home, stdio: 'pipe' })
    } catch {
      console.log('skipped: no python3 here to make a zip with')
      return
    }
    expect((await loadBundle(join(home, 'made.zip'))).manifest.id).toBe('chest-test')
  })

  it('refuses entries that lead out, whatever else the zip holds', async () => {
    for (const evil of ['../../evil', '/etc/evil', 'C:\\evil', 'a\\..\\evil']) {
      const home = await temporaryFolder()
      const path = await zipOf(home, (name) => (name === 'purifier.onnx' ? evil : name))
      await expect(loadBundle(path)).rejects.toMatchObject({ code: 'bundle-invalid', message: expect.stringContaining('leads out') })
    }
  })

  it('refuses a zip bomb by its declared size and a file that is no zip', async () => {
    const home = await temporaryFolder()
    const zip = zipSync({ 'bundle.json': bytesOf('{}') })
    // The uncompressed size in the central directory, set to 4 GiB − 16.
    const central = Buffer.from(zip).lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]))
    Buffer.from(zip.buffer).writeUInt32LE(0xfffffff0, central + 24)
    await writeFile(join(home, 'bomb.zip'), zip)
    await expect(loadBundle(join(home, 'bomb.zip'))).rejects.toMatchObject({ code: 'bundle-invalid', message: expect.stringContaining('too large') })
    await writeFile(join(home, 'no.zip'), 'hello')
    await expect(loadBundle(join(home, 'no.zip'))).rejects.toMatchObject({ code: 'bundle-invalid' })
  })
})

describe('finding bundles', () => {
  it('resolves ids in the bundle folders and paths anywhere, and lists the ids when there is none', async () => {
    const home = await temporaryFolder()
    const folder = await bundleIn(home, 'some-folder')
    expect(await resolveBundle('chest-test', [join(home, 'nowhere'), home])).toBe(folder)
    expect(await resolveBundle(folder, [])).toBe(folder)
    await expect(resolveBundle('brain', [home])).rejects.toMatchObject({ code: 'bundle-not-found', message: expect.stringContaining('chest-test') })
    await expect(resolveBundle('./brain', [home])).rejects.toMatchObject({ code: 'bundle-not-found' })
    await expect(loadBundle(home)).rejects.toMatchObject({ code: 'bundle-not-found' })
  })

  it('lists broken bundles with their error beside good ones, and sees when one is repaired', async () => {
    const home = await temporaryFolder()
    await bundleIn(home, 'good')
    const broken = await bundleIn(home, 'broken')
    await editManifest(broken, (manifest) => (manifest.id = 'broken'))
    await writeFile(join(broken, 'classifier.onnx'), 'other')
    await mkdir(join(home, 'nonsense'))
    await writeFile(join(home, 'nonsense', 'bundle.json'), '[]')
    await mkdir(join(home, 'unrelated'))
    const places = { bundleFolders: [home, join(home, 'absent')] }
    expect((await listBundles(places)).map(({ id, error, canScreen }) => [id, error?.code, canScreen])).toEqual([
      ['broken', 'bundle-hash-mismatch', false],
      ['chest-test', undefined, false],
      ['nonsense', 'bundle-invalid', false],
    ])
    await writeFile(join(broken, 'classifier.onnx'), models.classifier)
    expect((await listBundles(places))[0]?.error).toBeUndefined()
  })
})

describe('replacing the models of a bundle', () => {
  it('leaves the old bundle whole when it is cut off between the models and the manifest, once or twice', async () => {
    const folder = await bundleIn(await temporaryFolder())
    // A folder where the card belongs ends the writing after the models were replaced.
    await mkdir(join(folder, 'MODEL_CARD.md'))
    for (const text of ['a better classifier', 'a third classifier']) {
      await expect(writeBundle(folder, draft, { ...models, classifier: bytesOf(text), card: '# Card' })).rejects.toMatchObject({ code: 'output-not-writable' })
      expect(await readFile(join(folder, 'classifier.onnx'), 'utf8')).toBe(text)
      expect(Buffer.from((await loadBundle(folder)).classifier).toString()).toBe('the classifier')
    }
    await rm(join(folder, 'MODEL_CARD.md'), { recursive: true })
    await writeBundle(folder, draft, { ...models, classifier: bytesOf('a fourth classifier'), card: '# Card' })
    expect(Buffer.from((await loadBundle(folder)).classifier).toString()).toBe('a fourth classifier')
    expect((await readdir(folder)).sort()).toEqual(['MODEL_CARD.md', 'bundle.json', 'classifier.onnx', 'purifier.onnx'])
  })

  it('changes the manifest alone when asked to, and refuses a change that breaks it', async () => {
    const folder = await bundleIn(await temporaryFolder())
    await updateManifest(folder, (manifest) => ({ ...manifest, name: 'Another name' }))
    expect((await loadBundle(folder)).manifest.name).toBe('Another name')
    await expect(updateManifest(folder, (manifest) => ({ ...manifest, classes: [] }))).rejects.toMatchObject({ code: 'bundle-invalid' })
    expect((await loadBundle(folder)).manifest.classes).toEqual(draft.classes)
  })
})
