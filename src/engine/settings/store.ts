/**
 * `settings.json` in the data folder. It is read anew for each call, since another Assay may have written it meanwhile,
 * and replaced by rename. A file that cannot be understood is put aside, never written over: it may be a newer version's.
 */
import { copyFile, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { toAssayError } from '../../shared/errors'
import { defaultSettings, settingsSchema } from '../../shared/settings'
import type { HeldSettings, Settings, SettingsChange } from '../../shared/settings'
import { makeFolder, writeFileAtomic } from '../bundle/atomic'

export const settingsFile = 'settings.json'
const format = 'assay-settings/1'

/** Settings that were added later are missing in older files. */
const fileSchema = settingsSchema.partial().extend({ format: z.literal(format) })

export class SettingsStore {
  private queue: Promise<unknown> = Promise.resolve()
  private warning: string | null = null
  private readonly path: string

  constructor(
    private readonly dataFolder: string,
    private readonly changed: (settings: Settings) => void = () => undefined,
    private readonly now: () => Date = () => new Date(),
  ) {
    this.path = join(dataFolder, settingsFile)
  }

  /** Never fails: without a file that can be read, the settings are those of the first start. */
  get(): Promise<HeldSettings> {
    return this.inTurn(async () => ({ settings: await this.read(), warning: this.warning }))
  }

  /**
   * Changes the settings that are named; the others stay.
   * @throws AssayError `output-not-writable`, `disk-full`
   */
  set(change: SettingsChange): Promise<Settings> {
    return this.inTurn(async () => {
      const settings: Settings = { ...(await this.read()), ...change }
      await makeFolder(this.dataFolder)
      await writeFileAtomic(this.path, `${JSON.stringify({ format, ...settings }, null, 2)}\n`)
      this.changed(settings)
      return settings
    })
  }

  private async read(): Promise<Settings> {
    let text: string
    try {
      text = await readFile(this.path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.warning = `The settings could not be read, so those of the first start are used: ${toAssayError(error).message}`
      return defaultSettings
    }
    try {
      const { format: _format, ...known } = fileSchema.parse(JSON.parse(text))
      return { ...defaultSettings, ...known }
    } catch {
      this.warning = await this.putAside()
      return defaultSettings
    }
  }

  /** @returns what to tell the person */
  private async putAside(): Promise<string> {
    const kept = `${this.path}.${this.now().toISOString().replace(/[-:]/g, '').slice(0, 15)}.old`
    const sentence = 'The settings file is damaged or of another program, so the settings of the first start are used.'
    try {
      await rename(this.path, kept)
    } catch {
      // A folder that lets nothing be renamed may still let a copy be made; if not, the next change fails by itself.
      if (!(await copyFile(this.path, kept).then(() => true, () => false))) return `${sentence} It could not be put aside: ${this.path}.`
    }
    return `${sentence} The old file is kept as ${kept}.`
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work)
    this.queue = turn.catch(() => undefined)
    return turn
  }
}
