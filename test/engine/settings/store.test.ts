/** The settings file: kept, changed in part, shared by two engines, and never lost when it cannot be understood. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SettingsStore } from '../../../src/engine/settings/store'
import { defaultSettings, settingsChangeSchema } from '../../../src/shared/settings'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'assay-settings-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const file = (): string => join(folder, 'settings.json')

test('without a file, the settings are those of the first start, and nothing is written or warned of', async () => {
  expect(await new SettingsStore(folder).get()).toEqual({ settings: defaultSettings, warning: null })
  expect(readdirSync(folder)).toEqual([])
})

test('a change touches what it names, is told, and is there for the next engine', async () => {
  const told: unknown[] = []
  const store = new SettingsStore(join(folder, 'new'), (settings) => told.push(settings))
  await store.set({ alpha: 0.1, shortcuts: { invert: ['x'] } })
  await store.set({ language: 'de' })
  const expected = { ...defaultSettings, alpha: 0.1, language: 'de', shortcuts: { invert: ['x'] } }
  expect(told.at(-1)).toEqual(expected)
  expect((await new SettingsStore(join(folder, 'new')).get()).settings).toEqual(expected)
  expect(readdirSync(join(folder, 'new'))).toEqual(['settings.json'])
})

test('changes of two engines in one folder do not undo each other', async () => {
  const [one, other] = [new SettingsStore(folder), new SettingsStore(folder)]
  await one.set({ theme: 'light' })
  await other.set({ retentionDays: 30 })
  expect((await one.get()).settings).toMatchObject({ theme: 'light', retentionDays: 30 })
})

test('many changes at once all arrive', async () => {
  const store = new SettingsStore(folder)
  await Promise.all([store.set({ acknowledged: true }), store.set({ bundle: 'chest' }), store.set({ provider: 'cpu' })])
  expect((await store.get()).settings).toMatchObject({ acknowledged: true, bundle: 'chest', provider: 'cpu' })
})

test('settings that an older version did not know take their defaults', async () => {
  writeFileSync(file(), JSON.stringify({ format: 'assay-settings/1', alpha: 0.02 }))
  expect(await new SettingsStore(folder).get()).toEqual({ settings: { ...defaultSettings, alpha: 0.02 }, warning: null })
})

for (const [what, text] of [
  ['half a file', '{"format": "assay-settings/1", "alp'],
  ['a file of another program', '{"editor.fontSize": 12}'],
  ['a newer format', '{"format": "assay-settings/2", "alpha": 0.1}'],
  ['a value that cannot be', '{"format": "assay-settings/1", "alpha": 7}'],
  ['an empty file', ''],
] as const)
  test(`${what} gives the defaults, a warning, and stays beside the next file`, async () => {
    writeFileSync(file(), text)
    const store = new SettingsStore(folder, undefined, () => new Date(Date.UTC(2026, 0, 2, 3, 4, 5)))
    const { settings, warning } = await store.get()
    expect(settings).toEqual(defaultSettings)
    const kept = `${file()}.20260102T030405.old`
    expect(warning).toContain(kept)
    await store.set({ theme: 'light' })
    expect(readFileSync(kept, 'utf8')).toBe(text)
    expect(await store.get()).toEqual({ settings: { ...defaultSettings, theme: 'light' }, warning })
  })

test('a folder that cannot be written to is an error of its own, and the settings stay', async () => {
  writeFileSync(join(folder, 'taken'), 'a file, where the data folder should be')
  const store = new SettingsStore(join(folder, 'taken'))
  await expect(store.set({ alpha: 0.1 })).rejects.toMatchObject({ code: 'output-not-writable' })
  const { settings, warning } = await store.get()
  expect(settings).toEqual(defaultSettings)
  expect(warning).toContain('could not be read')
})

test('a change is refused when it names what is no setting or no value of it', () => {
  for (const change of [{ alpah: 0.1 }, { alpha: 0 }, { theme: 'grey' }, { retentionDays: 0 }, { retentionDays: 1.5 }, { shortcuts: { invert: [''] } }]) expect(settingsChangeSchema.safeParse(change).success).toBe(false)
  expect(settingsChangeSchema.parse({ retentionDays: null })).toEqual({ retentionDays: null })
})
