import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/engine/tensor/random'

const draw = (random: Random, n: number) => Array.from({ length: n }, () => random.next())
const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length

describe('seeded random numbers', () => {
  test('the same seed gives the same numbers, the next seed others', () => {
    expect(draw(new Random(7), 20)).toEqual(draw(new Random(7), 20))
    expect(draw(new Random(7), 20)).not.toEqual(draw(new Random(8), 20))
  })
  test('uniform numbers have the moments of the uniform distribution and no correlation with their neighbours', () => {
    const values = draw(new Random('u'), 100_000)
    expect(Math.min(...values.slice(0, 1000))).toBeGreaterThanOrEqual(0)
    expect(values.every((v) => v >= 0 && v < 1)).toBe(true)
    expect(mean(values)).toBeCloseTo(1 / 2, 2)
    expect(mean(values.map((v) => (v - 0.5) ** 2))).toBeCloseTo(1 / 12, 2)
    expect(mean(values.slice(1).map((v, i) => (v - 0.5) * (values[i]! - 0.5)))).toBeCloseTo(0, 2)
  })
  test('every bit of a draw is set half of the time', () => {
    const random = new Random(3)
    const counts = new Array<number>(32).fill(0)
    for (let i = 0; i < 20_000; i++) {
      const value = random.nextUint32()
      for (let bit = 0; bit < 32; bit++) counts[bit]! += (value >>> bit) & 1
    }
    for (const count of counts) expect(Math.abs(count / 20_000 - 0.5)).toBeLessThan(0.02)
  })
  test('normal numbers have mean 0, variance 1, and 68 % within one deviation', () => {
    const random = new Random(1)
    const values = Array.from({ length: 50_000 }, () => random.normal())
    expect(mean(values)).toBeCloseTo(0, 1)
    expect(mean(values.map((v) => v * v))).toBeCloseTo(1, 1)
    expect(values.filter((v) => Math.abs(v) < 1).length / values.length).toBeCloseTo(0.6827, 2)
  })
  test('first draws of neighbouring seeds are spread evenly', () => {
    const firsts = Array.from({ length: 10_000 }, (_, seed) => new Random(seed).next())
    expect(mean(firsts)).toBeCloseTo(0.5, 1)
    for (let decile = 0; decile < 10; decile++) {
      const share = firsts.filter((v) => v >= decile / 10 && v < (decile + 1) / 10).length / firsts.length
      expect(Math.abs(share - 0.1)).toBeLessThan(0.015)
    }
  })
  test('a fork depends on seed and label, not on what was drawn before', () => {
    const fresh = new Random(5)
    const used = new Random(5)
    draw(used, 100)
    expect(draw(used.fork('a'), 5)).toEqual(draw(fresh.fork('a'), 5))
    expect(draw(fresh.fork('a'), 5)).not.toEqual(draw(fresh.fork('b'), 5))
  })
  test('a shuffle keeps every item and puts each anywhere', () => {
    const random = new Random(9)
    const counts = Array.from({ length: 4 }, () => new Array<number>(4).fill(0))
    for (let i = 0; i < 8000; i++) {
      const order = random.shuffle([0, 1, 2, 3])
      expect([...order].sort()).toEqual([0, 1, 2, 3])
      order.forEach((item, place) => counts[item]![place]!++)
    }
    for (const count of counts.flat()) expect(Math.abs(count / 8000 - 0.25)).toBeLessThan(0.03)
  })
})
