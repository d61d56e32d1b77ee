import { describe, expect, it } from 'vitest'
import { pressSpace, releaseSpace, spendSpaceOnDrag } from '../../../src/renderer/shortcuts/space-key'
import { shortcutFor, shortcuts } from '../../../src/renderer/shortcuts/table'

const press = (key: string, over = {}, screening = true) => shortcutFor({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...over }, screening)

describe('shortcuts', () => {
  it('never share a key', () => {
    const keys = shortcuts.flatMap((each) => each.keys)
    expect(new Set(keys).size).toBe(keys.length)
  })
  it('do not care for capitals, and leave Ctrl, Alt and Meta to the system', () => {
    expect(press('I')).toBe('invert')
    expect(press('i')).toBe('invert')
    expect(press('r', { ctrlKey: true })).toBeNull()
    expect(press('ArrowDown', { altKey: true })).toBeNull()
  })
  it('know a sign that a Mac’s German keyboard writes with Option, which is Alt to the page', () => {
    expect([press('[', { altKey: true }), press(']', { altKey: true })]).toEqual(['less-heat', 'more-heat'])
    expect([press('[', { ctrlKey: true }), press('[', { metaKey: true }), press('i', { altKey: true }), press('3', { altKey: true })]).toEqual([null, null, null, null])
  })
  it('go through slices one by one, and by ten with Shift', () => {
    expect([press('PageDown'), press('ArrowRight'), press('PageUp'), press('ArrowLeft')]).toEqual(['next-frame', 'next-frame', 'previous-frame', 'previous-frame'])
    expect([press('PageDown', { shiftKey: true }), press('ArrowLeft', { shiftKey: true })]).toEqual(['ten-frames-on', 'ten-frames-back'])
  })
  it('leave Home, End, Up and Down to the list', () => expect(['Home', 'End', 'ArrowUp', 'ArrowDown'].map((key) => press(key))).toEqual(['first', 'last', 'previous', 'next']))
  it('of the viewer and the list act on the Screen page alone; help and the way to another page everywhere', () => {
    expect(['i', 'r', 'ArrowDown', '3', 's', 'x'].map((key) => press(key, {}, false))).toEqual([null, null, null, null, null, null])
    expect(['g', '?'].map((key) => press(key, {}, false))).toEqual(['go', 'help'])
    expect(['g', '?'].map((key) => press(key))).toEqual(['go', 'help'])
  })
  it('number keys choose windows', () => expect(press('3')).toBe('preset'))
})

describe('the space key', () => {
  it('resets when tapped', () => {
    pressSpace()
    expect(releaseSpace()).toBe(true)
  })
  it('does not reset after it was held for a drag, and does again the next time', () => {
    pressSpace()
    spendSpaceOnDrag()
    pressSpace()
    expect(releaseSpace()).toBe(false)
    pressSpace()
    expect(releaseSpace()).toBe(true)
  })
})
