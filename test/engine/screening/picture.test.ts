import { describe, expect, it } from 'vitest'
import { composeSheet, lookInWords, overlayHeat, pixelAspect, renderPlane, turnedAspect, turnedPicture } from '../../../src/engine/screening/picture'
import type { Plane } from '../../../src/engine/screening/planes'
import { imageToCanvas } from '../../../src/renderer/viewer/geometry'
import { displayed, throughTable } from '../../../src/renderer/viewer/window-level'
import { heatColour, plainHeat } from '../../../src/shared/heat-colours'
import type { Orientation } from '../../../src/shared/orientation'

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

const orientations = ([0, 1, 2, 3] as const).flatMap((quarterTurns) => [false, true].map((mirrored): Orientation => ({ quarterTurns, mirrored })))

describe('a saved picture, turned', () => {
  const [width, height] = [3, 5]
  const picture = { width, height, rgb: Uint8Array.from({ length: width * height * 3 }, (_, i) => 10 * Math.floor(i / 3) + (i % 3)) }

  it.each(orientations)('lies as the viewer places it: $quarterTurns quarter turns, mirrored $mirrored', (orientation) => {
    const size = orientation.quarterTurns % 2 ? { width: height, height: width } : { width, height }
    const turned = turnedPicture(picture, orientation)
    expect({ width: turned.width, height: turned.height }).toEqual(size)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const on = imageToCanvas({ canvas: size, image: { width, height } }, { ...orientation, zoom: 1, pan: { x: 0, y: 0 } }, { x: x + 0.5, y: y + 0.5 })
        const [from, to] = [(y * width + x) * 3, (Math.floor(on.y) * size.width + Math.floor(on.x)) * 3]
        expect([...turned.rgb.subarray(to, to + 3)]).toEqual([...picture.rgb.subarray(from, from + 3)])
      }
  })

  it('keeps the shape of its pixels, which lie on their side after a quarter turn', () => {
    const { description } = plane(values, { spacing: { row: 0.4, column: 0.2 } })
    expect(orientations.map((orientation) => turnedAspect(description, orientation))).toEqual([2, 2, 0.5, 0.5, 2, 2, 0.5, 0.5])
  })

  it('is the file as it is when nothing was asked for, and says nothing of it; else it says what was done', () => {
    expect(turnedPicture(picture)).toEqual(picture)
    expect(lookInWords()).toEqual([])
    expect(lookInWords({ quarterTurns: 1, mirrored: false }, plainHeat)).toEqual(['Pictures turned as in the viewer: 90° clockwise.'])
    expect(lookInWords({ quarterTurns: 0, mirrored: true }).join()).toContain('the wrong way round')
    expect(lookInWords(undefined, { threshold: 0.3, colours: 'viridis' })).toEqual(['Heat shown in the colours "viridis", from 30 % of its scale on.'])
    // Heat that is switched off leaves the bare scan under "What was removed".
    for (const opacity of [0, 0.02]) expect(lookInWords(undefined, { threshold: 0, colours: 'red' }, opacity)).toEqual([expect.stringContaining('Heat hidden')])
    expect(lookInWords(undefined, plainHeat, 0.3)).toEqual([])
  })
})

describe('the heat of a saved picture', () => {
  const scale = { hot: 8 / 255, usual: 1 / 255 }
  const heat = Float32Array.from({ length: 150 }, (_, i) => ((i + 0.25) / 125) * scale.hot)
  const scan = renderPlane(plane(values), undefined)

  it.each([plainHeat, { threshold: 0.5, colours: 'heat' }, { threshold: 0.2, colours: 'viridis' }, { threshold: 0, colours: 'red' }] as const)('has the colours and the threshold of the viewer: $colours from $threshold', (look) => {
    const shown = overlayHeat(scan, heat, scale, 0.7, look)
    heat.forEach((share, i) => {
      const [r, g, b, a] = heatColour(share, scale, look)
      const alpha = (0.7 * a) / 255
      for (const [c, colour] of [r, g, b].entries()) expect(Math.abs(shown.rgb[3 * i + c]! - ((1 - alpha) * scan.rgb[3 * i + c]! + alpha * colour))).toBeLessThan(1.5)
    })
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
