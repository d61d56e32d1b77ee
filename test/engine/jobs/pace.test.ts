import { describe, expect, it } from 'vitest'
import { createPace } from '../../../src/engine/jobs/pace'

describe('the time a job still takes', () => {
  it('is unknown until something has been done', () => {
    const pace = createPace()
    expect(pace.remainingSeconds(0)).toBeNull()
    pace.update(0, 10, 0)
    expect(pace.remainingSeconds(1000)).toBeNull()
  })

  it('follows from an even pace', () => {
    const pace = createPace()
    for (let done = 0; done <= 4; done++) pace.update(done, 10, done * 2000)
    expect(pace.remainingSeconds(8000)).toBe(12)
  })

  it('counts down between steps and never below zero', () => {
    const pace = createPace()
    pace.update(0, 2, 0)
    pace.update(1, 2, 10_000)
    expect(pace.remainingSeconds(13_000)).toBe(7)
    expect(pace.remainingSeconds(60_000)).toBe(0)
  })

  it('does not take what a resumed job skips for speed', () => {
    const pace = createPace()
    pace.update(900, 1000, 0)
    pace.update(901, 1000, 1000)
    expect(pace.remainingSeconds(1000)).toBe(99)
  })

  it('begins anew with what is counted: reading images says nothing about attacking them', () => {
    const pace = createPace()
    for (let done = 0; done <= 12; done++) pace.update(done, 12, done * 10)
    pace.update(400, 1000, 5000)
    expect(pace.remainingSeconds(5000)).toBeNull()
    pace.update(401, 1000, 6000)
    expect(pace.remainingSeconds(6000)).toBe(599)
  })

  it('forgets an early pace that has changed', () => {
    const pace = createPace(10_000)
    for (let done = 0; done <= 100; done++) pace.update(done, 1000, done * 10)
    for (let step = 1; step <= 20; step++) pace.update(100 + step, 1000, 1000 + step * 1000)
    expect(pace.remainingSeconds(21_000)).toBeCloseTo(880, 0)
  })

  it('begins anew after a sleep, which is no pace, but not where every step takes long', () => {
    const pace = createPace(10_000)
    for (let done = 0; done <= 10; done++) pace.update(done, 100, done * 1000)
    pace.update(11, 100, 10_000 + 9 * 3_600_000)
    expect(pace.remainingSeconds(10_000 + 9 * 3_600_000)).toBeNull()
    pace.update(12, 100, 11_000 + 9 * 3_600_000)
    expect(pace.remainingSeconds(11_000 + 9 * 3_600_000)).toBe(88)
    const slow = createPace(10_000)
    for (let done = 0; done <= 4; done++) slow.update(done, 10, done * 600_000)
    expect(slow.remainingSeconds(2_400_000)).toBe(3600)
  })
})
