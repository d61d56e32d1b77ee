import { expect, it } from 'vitest'
import { lengthOf } from '../../../src/renderer/viewer/ruler'

const line = { from: { x: 10, y: 20 }, to: { x: 40, y: 60 } }

it('a line is measured in millimetres where the spacing is known, each direction with its own', () => {
  expect(lengthOf(line, { spacing: { row: 0.5, column: 0.5 } })).toEqual({ value: 25, unit: 'mm' })
  const oblong = lengthOf(line, { spacing: { row: 0.4, column: 0.2 } })
  expect(oblong.unit).toBe('mm')
  expect(oblong.value).toBeCloseTo(Math.hypot(6, 16))
})

it('in pixels elsewhere, of the width that the shape of the pixels gives them', () => {
  expect(lengthOf(line, {})).toEqual({ value: 50, unit: 'px' })
  expect(lengthOf(line, { aspect: 2 }).value).toBeCloseTo(Math.hypot(30, 80))
})
