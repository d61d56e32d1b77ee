import { describe, expect, it } from 'vitest'
import { speak } from '../../../src/renderer/language'
import { presetShown, presetsOf } from '../../../src/renderer/viewer/presets'

const table = (explanation: string) => ({ explanation, first: 0, bits: 8, values: Uint16Array.from([0, 128, 255]) })
const file = { windows: [{ center: 40, width: 401, explanation: 'Abdomen' }, { center: -600, width: 1600 }], unit: '', samples: 1 as const }
const values = { low: -1000, high: 1000 }
const labels = (presets: { key: string | null; label: string }[]) => presets.map(({ key, label }) => `${key} ${label}`)

describe('presets', () => {
  it("are the file's windows and then the range of its values, on the keys from 1", () => {
    expect(presetsOf(file, [], values).map(({ key, label, center, width }) => [key, label, center, width])).toEqual([
      ['1', 'Abdomen', 40, 401],
      ['2', 'Window 2', -600, 1600],
      ['3', 'Full range', 0, 2000],
    ])
  })

  it("have the file's tables after its windows, with their explanations", () =>
    expect(labels(presetsOf(file, [table('NORMAL'), table('')], values))).toEqual(['1 Abdomen', '2 Window 2', '3 NORMAL', '4 Lookup table 2', '5 Full range']))

  it('begin with the table where the window of the file is only the range of its values', () => {
    const presets = presetsOf({ ...file, windows: [{ center: 0, width: 2000 }] }, [table('')], values)
    expect(labels(presets)).toEqual(['1 Lookup table', '2 Full range'])
    expect(presets[0]!.table).toBe(0)
  })

  it('offer the windows that radiology agrees on for Hounsfield units, and for nothing else', () => {
    const practice = presetsOf({ ...file, unit: 'HU' }, [], values).filter(({ origin }) => origin === 'practice')
    expect(practice.map(({ label, center, width }) => `${label} ${center}/${width}`)).toEqual(['Soft tissue 40/400', 'Lung -600/1500', 'Bone 300/1500', 'Brain 40/80', 'Mediastinum 50/350', 'Liver 60/160'])
    expect(presetsOf(file, [], values).some(({ origin }) => origin === 'practice')).toBe(false)
  })

  it('do not offer the same window twice', () => {
    expect(labels(presetsOf({ ...file, windows: [{ center: 0, width: 2000 }] }, [], values))).toEqual(['1 Default'])
    const lungs = presetsOf({ ...file, unit: 'HU', windows: [{ center: -600, width: 1500, explanation: 'LUNGS' }] }, [], values)
    expect(lungs.filter(({ center, width }) => center === -600 && width === 1500).map(({ label }) => label)).toEqual(['LUNGS'])
  })

  it('keep more than nine, of which the first nine have a digit', () => {
    const windows = Array.from({ length: 12 }, (_, i) => ({ center: i, width: 100 + i }))
    const presets = presetsOf({ ...file, windows }, [], values)
    expect(presets).toHaveLength(13)
    expect(presets.map(({ key }) => key)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', null, null, null, null])
  })

  it('have a positive width for a picture of one value', () => expect(presetsOf(file, [], { low: 5, high: 5 }).at(-1)!.width).toBeGreaterThan(0))

  it('are recognised while they are shown, a table not for the window that it was left for', () => {
    const presets = presetsOf(file, [table('NORMAL')], values)
    const normal = presets[2]!
    expect(presetShown(presets, normal, 0)).toBe(normal)
    expect(presetShown(presets, { center: normal.center, width: normal.width }, null)).toBeUndefined()
    expect(presetShown(presets, { center: 40, width: 401 }, null)?.label).toBe('Abdomen')
    expect(presetShown(presets, { center: 40, width: 402 }, null)).toBeUndefined()
  })
})

it('presets are called by the language of the moment; what the file says stays', () => {
  const presets = presetsOf({ ...file, unit: 'HU' }, [], values)
  speak('de')
  expect(labels(presets).slice(0, 4)).toEqual(['1 Abdomen', '2 Fenster 2', '3 Voller Bereich', '4 Weichteile'])
  speak('en')
})
