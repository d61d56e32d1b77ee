import { describe, expect, it } from 'vitest'
import { dragZoom, toolFor, wheelFrames, wheelZoom } from '../../../src/renderer/viewer/pointer-tools'

describe('what a drag does', () => {
  it('is window and level on the left, pan in the middle, zoom on the right', () => expect([0, 1, 2].map((button) => toolFor(button, false))).toEqual(['window', 'pan', 'zoom']))
  it('is pan on the left with Space or Alt held', () => expect(toolFor(0, true)).toBe('pan'))
  it('is the ruler on the left while it is out, and nothing else changes', () => expect([toolFor(0, false, true), toolFor(0, true, true), toolFor(2, false, true)]).toEqual(['measure', 'pan', 'zoom']))
  it('is nothing on the side buttons', () => expect(toolFor(3, false)).toBeNull())
})

describe('zoom factors', () => {
  it('double in 200 pixels upwards and come back the same way', () => {
    expect(dragZoom(-200)).toBe(2)
    expect(dragZoom(-70) * dragZoom(70)).toBeCloseTo(1)
  })
  it('grow when the wheel is turned away, about the same for pixels and lines, and never leap', () => {
    expect(wheelZoom(-100, 0)).toBeGreaterThan(1)
    expect(wheelZoom(-3, 1)).toBeCloseTo(wheelZoom(-48, 0))
    expect(wheelZoom(-1e6, 0)).toBeLessThan(1.6)
  })
})

describe('frames of the wheel', () => {
  it('are one for a notch, whatever the system says it is worth', () => {
    for (const [delta, mode] of [[100, 0], [120, 0], [3, 1], [1, 2]] as const) expect(wheelFrames(0, delta, mode)).toEqual({ frames: 1, carried: 0 })
    expect(wheelFrames(0, -120, 0).frames).toBe(-1)
  })
  it('are added up from slow turning, and forgotten when it turns back', () => {
    let carried = 0
    let frames = 0
    for (let i = 0; i < 12; i++) {
      const turned = wheelFrames(carried, 10, 0)
      carried = turned.carried
      frames += turned.frames
    }
    expect(frames).toBe(2)
    expect(wheelFrames(55, -10, 0)).toEqual({ frames: 0, carried: -10 })
  })
  it('are several when it is spun', () => expect(wheelFrames(0, 480, 0).frames).toBe(4))
})
