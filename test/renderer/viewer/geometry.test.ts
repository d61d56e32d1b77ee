import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canvasToImage, fitScale, imageToCanvas, mirroredBy, panBy, pixelAspect, turnedBy, zoomAround } from '../../../src/renderer/viewer/geometry'
import { upright } from '../../../src/shared/orientation'
import type { Frame, Placement } from '../../../src/renderer/viewer/geometry'

const side = fc.integer({ min: 16, max: 4000 })
const frames = fc.record({
  canvas: fc.record({ width: side, height: side }),
  image: fc.record({ width: side, height: side }),
  spacing: fc.option(fc.record({ row: fc.double({ min: 0.1, max: 2, noNaN: true }), column: fc.double({ min: 0.1, max: 2, noNaN: true }) }), { nil: undefined }),
}) satisfies fc.Arbitrary<Frame>
const placements: fc.Arbitrary<Placement> = fc.record({
  zoom: fc.double({ min: 0.3, max: 30, noNaN: true }),
  pan: fc.record({ x: fc.double({ min: -500, max: 500, noNaN: true }), y: fc.double({ min: -500, max: 500, noNaN: true }) }),
  quarterTurns: fc.constantFrom(0, 1, 2, 3),
  mirrored: fc.boolean(),
})
const fitted: Placement = { zoom: 1, pan: { x: 0, y: 0 }, ...upright }

describe('a fitted image', () => {
  it('touches two opposite edges of the canvas and passes none, and stands in its middle', () =>
    fc.assert(
      fc.property(frames, (frame) => {
        const topLeft = imageToCanvas(frame, fitted, { x: 0, y: 0 })
        const bottomRight = imageToCanvas(frame, fitted, { x: frame.image.width, y: frame.image.height })
        expect(Math.min(topLeft.x, topLeft.y)).toBeCloseTo(0, 4)
        expect(topLeft.x).toBeCloseTo(frame.canvas.width - bottomRight.x, 4)
        expect(topLeft.y).toBeCloseTo(frame.canvas.height - bottomRight.y, 4)
      }),
    ))

  it('keeps the shape that the pixel spacing gives it', () => {
    // 512 columns of 0.2 mm and 256 rows of 0.4 mm are a square of 102.4 mm.
    const frame: Frame = { canvas: { width: 600, height: 400 }, image: { width: 512, height: 256 }, spacing: { row: 0.4, column: 0.2 } }
    const a = imageToCanvas(frame, fitted, { x: 0, y: 0 })
    const b = imageToCanvas(frame, fitted, { x: 512, y: 256 })
    expect(b.x - a.x).toBeCloseTo(400)
    expect(b.y - a.y).toBeCloseTo(400)
  })

  it('takes pixels without spacing for square', () => {
    expect(pixelAspect(undefined)).toEqual({ x: 1, y: 1 })
    expect(fitScale({ canvas: { width: 300, height: 200 }, image: { width: 100, height: 100 } })).toBe(2)
  })
})

describe('turning and mirroring', () => {
  /** Where a corner of a fitted picture goes, as a step across and down the canvas. */
  const frame: Frame = { canvas: { width: 200, height: 200 }, image: { width: 100, height: 100 } }
  const topLeftOf = (placement: Placement) => {
    const { x, y } = imageToCanvas(frame, placement, { x: 0, y: 0 })
    return `${y < 100 ? 'top' : 'bottom'} ${x < 100 ? 'left' : 'right'}`
  }
  const topRightOf = (placement: Placement) => {
    const { x, y } = imageToCanvas(frame, placement, { x: 100, y: 0 })
    return `${y < 100 ? 'top' : 'bottom'} ${x < 100 ? 'left' : 'right'}`
  }
  it('to the right takes the top left corner to the top right, and four times is not at all', () => {
    expect(topLeftOf(turnedBy(fitted, 1))).toBe('top right')
    expect(topLeftOf(turnedBy(fitted, -1))).toBe('bottom left')
    expect([1, 1, 1, 1].reduce((placement) => turnedBy(placement, 1), fitted)).toEqual(fitted)
  })
  it('acts on what is seen, however it is turned already', () =>
    fc.assert(
      fc.property(placements, (placement) => {
        const at = { ...placement, zoom: 1, pan: { x: 0, y: 0 } }
        const swap: Record<string, string> = { left: 'right', right: 'left', top: 'bottom', bottom: 'top' }
        for (const corner of [topLeftOf, topRightOf]) {
          const [vertical, horizontal] = corner(at).split(' ') as [string, string]
          expect(corner(mirroredBy(at, 'across'))).toBe(`${vertical} ${swap[horizontal]}`)
          expect(corner(mirroredBy(at, 'down'))).toBe(`${swap[vertical]} ${horizontal}`)
        }
        expect(mirroredBy(mirroredBy(placement, 'across'), 'across')).toEqual(placement)
      }),
    ))
  it('fits a picture that lies on its side', () => {
    const wide: Frame = { canvas: { width: 400, height: 200 }, image: { width: 400, height: 100 } }
    expect(fitScale(wide)).toBe(1)
    expect(fitScale(wide, { quarterTurns: 1 })).toBe(0.5)
  })
  it('leaves what is in the middle of the canvas there', () =>
    fc.assert(
      fc.property(frames, placements, (some, placement) => {
        const middle = { x: some.canvas.width / 2, y: some.canvas.height / 2 }
        const under = canvasToImage(some, placement, middle)
        for (const after of [turnedBy(placement, 1), mirroredBy(placement, 'across'), mirroredBy(placement, 'down')]) {
          const still = imageToCanvas(some, after, under)
          expect(still.x).toBeCloseTo(middle.x, 3)
          expect(still.y).toBeCloseTo(middle.y, 3)
        }
      }),
    ))
})

describe('moving about', () => {
  it('finds every image point again from where it was drawn', () =>
    fc.assert(
      fc.property(frames, placements, fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 3000 }), (frame, placement, x, y) => {
        const back = canvasToImage(frame, placement, imageToCanvas(frame, placement, { x, y }))
        expect(back.x).toBeCloseTo(x, 4)
        expect(back.y).toBeCloseTo(y, 4)
      }),
    ))

  it('zooms with the point under the cursor staying where it is', () =>
    fc.assert(
      fc.property(frames, placements, fc.double({ min: 0.2, max: 5, noNaN: true }), fc.integer({ min: 0, max: 4000 }), fc.integer({ min: 0, max: 4000 }), (frame, placement, factor, x, y) => {
        const under = canvasToImage(frame, placement, { x, y })
        const still = imageToCanvas(frame, zoomAround(frame, placement, factor, { x, y }), under)
        expect(still.x).toBeCloseTo(x, 3)
        expect(still.y).toBeCloseTo(y, 3)
      }),
    ))

  it('never zooms out of reach', () => {
    const frame: Frame = { canvas: { width: 300, height: 300 }, image: { width: 100, height: 100 } }
    expect(zoomAround(frame, fitted, 1e9, { x: 0, y: 0 }).zoom).toBe(40)
    expect(zoomAround(frame, fitted, 1e-9, { x: 0, y: 0 }).zoom).toBe(0.25)
  })

  it('pans by the pixels that the pointer moved, and never loses the image', () => {
    const frame: Frame = { canvas: { width: 300, height: 300 }, image: { width: 100, height: 100 } }
    const before = imageToCanvas(frame, fitted, { x: 50, y: 50 })
    const after = imageToCanvas(frame, panBy(frame, fitted, 30, -12), { x: 50, y: 50 })
    expect(after.x - before.x).toBeCloseTo(30)
    expect(after.y - before.y).toBeCloseTo(-12)
    const turnedPan = { ...fitted, quarterTurns: 1 as const, mirrored: true }
    const moved = imageToCanvas(frame, panBy(frame, turnedPan, 30, -12), { x: 50, y: 50 })
    expect([moved.x - 150, moved.y - 150].map(Math.round)).toEqual([30, -12])
    const far = panBy(frame, fitted, 1e6, 1e6)
    expect(imageToCanvas(frame, far, { x: 0, y: 0 }).x).toBeLessThan(300)
  })
})
