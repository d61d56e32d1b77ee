import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFrameLoader, neighbours } from '../../../src/renderer/state/frame-loader'

/** A source whose loads end when the test says so, and the log of what was shown. */
function bench({ ahead = [] as number[], kept = new Map<number, string>(), keeping = true } = {}) {
  const started: number[] = []
  const shown: number[] = []
  const failed: number[] = []
  const waiting = new Map<number, { resolve: (value: string) => void; reject: (error: Error) => void }>()
  const loader = createFrameLoader<string>({
    load: (frame) => {
      started.push(frame)
      return new Promise((resolve, reject) => waiting.set(frame, { resolve, reject }))
    },
    recall: (frame) => kept.get(frame),
    ahead: () => ahead,
    arrived: (frame) => shown.push(frame),
    failed: (frame) => failed.push(frame),
  })
  const end = async (frame: number, error?: Error): Promise<void> => {
    const { resolve, reject } = waiting.get(frame)!
    waiting.delete(frame)
    if (error) reject(error)
    else {
      if (keeping) kept.set(frame, 'kept')
      resolve('loaded')
    }
    await vi.advanceTimersByTimeAsync(0)
  }
  return { loader, started, shown, failed, end, ahead }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('loading frames for someone who scrolls', () => {
  it('has one in flight, takes the newest next, and never begins those passed over', async () => {
    const { loader, started, shown, end } = bench()
    for (const frame of [2, 3, 4, 5, 6]) loader.want(frame)
    expect(started).toEqual([2])
    await end(2)
    expect(started).toEqual([2, 6])
    await end(6)
    expect(started).toEqual([2, 6])
    expect(shown).toEqual([2, 6])
  })

  it('shows what it has at once, and then not what was asked for before', async () => {
    const { loader, shown, end } = bench({ kept: new Map([[4, 'kept']]) })
    loader.want(5)
    loader.want(4)
    expect(shown).toEqual([4])
    await end(5)
    expect(shown).toEqual([4])
  })

  it('tells that the wished frame failed, keeps silent about one that was passed over, and goes on', async () => {
    const { loader, shown, failed, end } = bench()
    loader.want(2)
    loader.want(3)
    await end(2, new Error('cut'))
    expect(failed).toEqual([])
    await end(3, new Error('cut'))
    expect(failed).toEqual([3])
    loader.want(3)
    await end(3)
    expect(shown).toEqual([3])
  })

  it('loads neighbours when at rest, one by one, without showing them', async () => {
    const { loader, started, shown, end } = bench({ ahead: [3, 4, 1] })
    loader.rest(500)
    await vi.advanceTimersByTimeAsync(499)
    expect(started).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(started).toEqual([3])
    await end(3)
    await end(4)
    await end(1)
    expect(started).toEqual([3, 4, 1])
    expect(shown).toEqual([])
  })

  it('lets a wish go before what is loaded ahead, and shows that if it is what is wished for', async () => {
    const { loader, started, shown, end } = bench({ ahead: [3, 4] })
    loader.rest(0)
    await vi.advanceTimersByTimeAsync(0)
    loader.want(3)
    expect(started).toEqual([3])
    await end(3)
    expect(shown).toEqual([3])
    expect(started).toEqual([3, 4])
    loader.want(9)
    await end(4)
    expect(started).toEqual([3, 4, 9])
    expect(shown).toEqual([3])
  })

  it('does not load ahead for ever what does not stay', async () => {
    const { loader, started, end } = bench({ ahead: [3, 4], keeping: false })
    loader.rest(0)
    await vi.advanceTimersByTimeAsync(0)
    await end(3)
    await end(4)
    expect(started).toEqual([3, 4])
  })

  it('shows and begins nothing once it is stopped', async () => {
    const { loader, started, shown, end } = bench({ ahead: [7] })
    loader.want(2)
    loader.rest(10)
    loader.want(3)
    loader.stop()
    await end(2)
    await vi.advanceTimersByTimeAsync(100)
    loader.want(4)
    expect(started).toEqual([2])
    expect(shown).toEqual([])
  })
})

describe('neighbours', () => {
  it('come in the direction of scrolling first, and stay in the file', () => {
    expect(neighbours(14, 27, 1, 4)).toEqual([15, 16, 13, 17])
    expect(neighbours(14, 27, -1, 2)).toEqual([13, 12])
    expect(neighbours(27, 27, 1, 3)).toEqual([26, 25])
    expect(neighbours(1, 1, 1, 6)).toEqual([])
    expect(neighbours(5, 9, 1, 0)).toEqual([])
  })
})
