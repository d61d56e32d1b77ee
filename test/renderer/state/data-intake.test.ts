/** Where a handed-over data set lies. */
import { beforeEach, describe, expect, it, vi } from 'vitest'

const platform = { kind: 'browser' }
vi.mock('../../../src/renderer/platform', () => ({ platform }))
const { commonPlace, placeOf } = await import('../../../src/renderer/state/data-intake')
const { useToasts } = await import('../../../src/renderer/state/toasts')

describe('the place of a data set', () => {
  it('is the one path that was handed over', () => {
    expect(commonPlace(['/data/set.npz'])).toBe('/data/set.npz')
    expect(commonPlace([])).toBeUndefined()
  })
  it('is the folder above the classes where single files were uploaded', () => {
    expect(commonPlace(['/up/b/set/normal/1.png', '/up/b/set/normal/2.png', '/up/b/set/pneumonia/1.png'])).toBe('/up/b/set')
    expect(commonPlace(['C:\\up\\a\\1.png', 'C:\\up\\b\\1.png'])).toBe('C:\\up')
  })
})

describe('what is handed over', () => {
  const place = (...paths: string[]) => placeOf({ deliver: async () => ({ paths, failures: [] }) } as never, () => undefined, new AbortController().signal)
  beforeEach(() => useToasts.setState({ toasts: [] }))

  it('may be several files where they are uploaded, to a folder of their own', async () => {
    platform.kind = 'browser'
    expect(await place('/up/b/1.png', '/up/b/2.png')).toBe('/up/b')
    expect(useToasts.getState().toasts).toEqual([])
  })

  it('is one folder in the application, since those beside picked files were not picked', async () => {
    platform.kind = 'electron'
    expect(await place('/scans/1.png', '/scans/2.png')).toBeUndefined()
    expect(useToasts.getState().toasts).toMatchObject([{ tone: 'bad', text: expect.stringContaining('Give one folder') }])
    expect(await place('/scans')).toBe('/scans')
  })
})
