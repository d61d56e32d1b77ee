/**
 * Answers what the contract asks about models: bundles described, foreign models looked at, tried and imported, bundles
 * taken in and put aside.
 */
import { dirname, join } from 'node:path'
import type { CallOutput } from '../../shared/contract'
import type { BundleSummary } from '../../shared/types'
import type { DescribedBundle, FoundModel, ModelSettings, PreviewedImage } from '../../shared/models'
import { listBundles } from '../bundle/catalogue'
import { openContent } from '../bundle/content'
import { loadBundle, resolveBundle } from '../bundle/load'
import { cardName } from '../bundle/write'
import type { ByteStore, EnginePlaces } from '../jobs/definition'
import { readModel } from '../onnx/reader'
import { findOut } from './find-out'
import { importModel } from './import-model'
import { inspectModel } from './inspect'
import { assertFree, ownFolder, putAside, takeBack, takeIn } from './own-bundles'
import type { Work } from './own-bundles'
import { Preview, trialImages } from './preview'

export interface ImportRequest {
  path: string
  settings: ModelSettings
  id: string
  name: string
  modality: string
  bodyPart: string
}

export class ModelsDesk {
  private readonly preview: Preview
  /** One at a time: a session must not be released while another call runs it, and of two that take an id the second must find it taken. */
  private queue: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly places: Pick<EnginePlaces, 'dataFolder' | 'bundleFolders'>,
    bytes: ByteStore,
    /** What waits or is under way. */
    private readonly works: () => Promise<readonly Work[]> = async () => [],
  ) {
    this.preview = new Preview(bytes)
  }

  async list(): Promise<BundleSummary[]> {
    const own = ownFolder(this.places)
    return (await listBundles(this.places)).map((each) => ({ ...each, removable: each.path !== undefined && dirname(each.path) === own }))
  }

  /** @throws AssayError like loadBundle; `onnx-invalid` */
  async describe(bundle: string): Promise<DescribedBundle> {
    const { folder, manifest, classifier, purifier } = await loadBundle(await resolveBundle(bundle, this.places.bundleFolders))
    const card = await (await openContent(folder)).read(cardName)
    const fileOf = ({ file, sha256 }: { file: string; sha256: string }, bytes: Uint8Array) => ({ name: file, bytes: bytes.byteLength, sha256 })
    return {
      path: folder,
      manifest,
      card: card && new TextDecoder().decode(card),
      files: [fileOf(manifest.classifier, classifier), ...(manifest.purifier && purifier ? [fileOf(manifest.purifier, purifier)] : [])],
      models: { classifier: inspectModel(readModel(classifier), manifest.input), ...(purifier ? { purifier: inspectModel(readModel(purifier), manifest.input) } : {}) },
    }
  }

  inspect = (path: string): Promise<FoundModel> => findOut(path)
  images = trialImages

  answers(path: string, settings: ModelSettings, images: readonly string[]): Promise<PreviewedImage[]> {
    return this.inTurn(() => this.preview.answers(path, settings, images))
  }

  /** @throws AssayError like importModel; `invalid-arguments` where the id is taken */
  import({ path, settings, ...naming }: ImportRequest): Promise<CallOutput<'models.import'>> {
    return this.inTurn(async () => {
      await assertFree(naming.id, this.places)
      const { width, height, ...rest } = settings
      const { id, warnings } = await importModel(path, { ...rest, ...naming, size: { width, height }, out: join(ownFolder(this.places), naming.id) })
      await this.preview.release()
      return { id, warnings }
    })
  }

  takeIn = (path: string): Promise<{ id: string }> => this.inTurn(async () => ({ id: await takeIn(path, this.places) }))
  putAside = async (bundle: string): Promise<{ removed: string }> => ({ removed: await putAside(bundle, this.places, await this.works()) })
  async takeBack(removed: string): Promise<Record<string, never>> {
    await takeBack(removed, this.places)
    return {}
  }

  /** Releases the model that was tried last. */
  close(): Promise<void> {
    return this.inTurn(() => this.preview.release())
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work)
    this.queue = turn.catch(() => undefined)
    return turn
  }
}
