import { describe, expect, it } from 'vitest'
import { composeSheet, pixelAspect, renderPlane } from '../../../src/engine/screening/picture'
import type { Plane } from '../../../src/engine/screening/planes'
import { displayed, throughTable } from '../../../src/renderer/viewer/window-level'

const plane = (values: Plane['values'], over: Partial<Plane['description']> = {}): Plane => ({
  values,
  description: {
    width: values.length / (over.samples ?? 1), height: 1, samples: 1, dtype: 'uint16', slope: 2, intercept: -100, min: 0, max: 300, invert: false, unit: '', windows: [{ center: 100, width: 200 }], ...over,
  },
})
const values = Uint16Array.from({ length: 150 }, (_, i) => i * 2)
const greys = ({ rgb }: { rgb: Uint8Array }): number[] => Array.from({ length: rgb.length / 3 }, (_, i) => rgb[3 * i]!)

describe('a saved picture', () => {
  it('has the greys of the viewer, through a window and through a lookup table, inverted too', () => {
    const window = { center: 120, width: 333 }
    const table = { explanation: '', first: -20, bits: 10, values: Uint16Array.from({ length: 240 }, (_, i) => (i * i) % 1024) }
    const modality = Array.from(values, (value) => value * 2 - 100)
    for (const invert of [false, true]) {
      expect(greys(renderPlane(plane(values), window, invert))).toEqual(modality.map((value) => displayed(value, window, invert)))
      expect(greys(renderPlane(plane(values), window, invert, table))).toEqual(modality.map((value) => throughTable(value, table, invert)))
      expect(greys(renderPlane(plane(values, { invert: true }), window, invert, table))).toEqual(modality.map((value) => throughTable(value, table, !invert)))
    }
  })

  it('keeps colours as they are, unless they are seen through another window', () => {
    const colour = plane(Uint8Array.from([0, 10, 255, 128, 127, 3]), { samples: 3, slope: 1, intercept: 0, windows: [{ center: 127.5, width: 255 }], dtype: 'uint8' })
    expect([...renderPlane(colour, undefined).rgb]).toEqual([0, 10, 255, 128, 127, 3])
    expect([...renderPlane(colour, { center: 127.5, width: 10 }).rgb]).toEqual([0, 0, 255, 140, 115, 0])
  })
})

describe('the sheet', () => {
  const picture = renderPlane(plane(values), undefined)
  const square = { width: 40, height: 40, rgb: new Uint8Array(40 * 40 * 3).fill(200) }
  const litColumnsAndRows = (aspect: number): [number, number] => {
    const sheet = composeSheet([{ title: '', picture: square }], { fileName: '', headline: '', lines: [] }, aspect)
    const isLit = (x: number, y: number): boolean => [0, 1, 2].every((c) => sheet.rgb[(y * sheet.width + x) * 3 + c] === 200)
    const columns = Array.from({ length: sheet.width }, (_, x) => Array.from({ length: sheet.height }, (_, y) => y).some((y) => isLit(x, y))).filter(Boolean).length
    const rows = Array.from({ length: sheet.height }, (_, y) => Array.from({ length: sheet.width }, (_, x) => x).some((x) => isLit(x, y))).filter(Boolean).length
    return [columns, rows]
  }

  it('shows pixels in their true shape', () => {
    const [width, height] = litColumnsAndRows(1)
    expect(width).toBe(height)
    const [tallWidth, tallHeight] = litColumnsAndRows(2)
    expect(tallHeight).toBe(2 * tallWidth)
    const [wideWidth, wideHeight] = litColumnsAndRows(0.5)
    expect(wideWidth).toBe(2 * wideHeight)
    expect(picture.height).toBe(1)
  })

  it('takes the shape from the spacing, else from the ratio', () => {
    expect(pixelAspect(plane(values, { spacing: { row: 0.4, column: 0.2 }, aspect: 7 }).description)).toBe(2)
    expect(pixelAspect(plane(values, { aspect: 7 }).description)).toBe(7)
    expect(pixelAspect(plane(values).description)).toBe(1)
  })
})
