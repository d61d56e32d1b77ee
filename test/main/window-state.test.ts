import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { placeOnScreens } from '../../src/main/window-state'
import { startApplication, temporaryFolder } from './start-application'

const laptop = { x: 0, y: 0, width: 1440, height: 875 }
const beside = { x: 1440, y: -200, width: 2560, height: 1400 }

describe('the place of a window', () => {
  it('is the one it had, on whichever screen that was', () => {
    const bounds = { x: 1600, y: 0, width: 1200, height: 800 }
    expect(placeOnScreens(bounds, [laptop, beside])).toEqual(bounds)
  })
  it('is in the middle of the primary screen when its own is gone, and no larger than fits there', () => {
    expect(placeOnScreens({ x: 1600, y: 0, width: 2400, height: 1300 }, [laptop])).toEqual({ width: 1440, height: 875 })
  })
  it('may lie partly outside, as long as its title bar can be caught', () => {
    const bounds = { x: -1000, y: 400, width: 1200, height: 800 }
    expect(placeOnScreens(bounds, [laptop])).toEqual({ ...bounds })
    for (const lost of [{ x: -1150 }, { y: -40 }, { y: 870 }, { x: 1400 }]) expect(placeOnScreens({ ...bounds, ...lost }, [laptop])).not.toHaveProperty('x')
  })
  it('is never smaller than what the page needs, and the usual one at first', () => {
    expect(placeOnScreens({ x: 0, y: 0, width: 200, height: 100 }, [laptop])).toEqual({ x: 0, y: 0, width: 960, height: 640 })
    expect(placeOnScreens(null, [laptop])).toEqual({ width: 1440, height: 875 })
    expect(placeOnScreens(null, [beside])).toEqual({ width: 1440, height: 920 })
    expect(placeOnScreens(null, [])).toEqual({ width: 1440, height: 920 })
  })
})

describe('the window', () => {
  it('comes back as it was closed', async () => {
    const data = temporaryFolder()
    const first = await startApplication({ data })
    expect(first.windows[0]!.options).toMatchObject({ width: 1440, height: 920 })
    expect(first.windows[0]!.options).not.toHaveProperty('fullscreen')
    first.windows[0]!.fullScreen = true
    Object.assign(first.windows[0]!, { bounds: { x: 30, y: 40, width: 1100, height: 750 }, maximised: true })
    first.windows[0]!.closeByHand()
    expect(JSON.parse(readFileSync(join(data, 'desktop', 'window.json'), 'utf8'))).toMatchObject({ maximised: true })

    const second = await startApplication({ data })
    expect(second.windows[0]!.options).toMatchObject({ x: 30, y: 40, width: 1100, height: 750, fullscreen: true })
    expect(second.windows[0]!.maximised).toBe(true)

    const unplugged = await startApplication({ data, prepare: ({ state }) => (state.display.workArea = { x: 5000, y: 0, width: 1280, height: 720 }) })
    expect(unplugged.windows[0]!.options).toMatchObject({ width: 1100, height: 720 })
    expect(unplugged.windows[0]!.options.x).toBeUndefined()
  })

  it('does not open, and says why, where its folder cannot be made', async () => {
    const file = join(temporaryFolder(), 'a-file')
    writeFileSync(file, '')
    const { module, windows } = await startApplication({ data: join(file, 'data') })
    expect(windows).toEqual([])
    expect(module.dialog.showErrorBox).toHaveBeenCalledWith('Assay', expect.stringMatching(/cannot write there \(ENOTDIR\).*ASSAY_DATA/))
    expect(module.app.exit).toHaveBeenCalledWith(1)
  })

  it('keeps Chromium’s files in the data folder, so that another data folder is another Assay', async () => {
    const data = temporaryFolder()
    const { module } = await startApplication({ data })
    expect(module.app.setPath).toHaveBeenCalledWith('userData', join(data, 'desktop'))
  })
})
