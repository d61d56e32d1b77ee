/**
 * The pool itself, with a scripted worker: what is hostile here is hostile for sure.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { DecodePoolOptions, WorkerEnd } from '../../../../src/engine/image/pool/pool'
import { DecodePool } from '../../../../src/engine/image/pool/pool'
import { named, scriptedWorker } from './scripted-worker'
import type { Answer, ScriptedWorker } from './scripted-worker'

let worker: ScriptedWorker
beforeAll(() => (worker = scriptedWorker()))
afterAll(() => worker.remove())

let pool: DecodePool
let ends: WorkerEnd[]
afterEach(() => pool.close())

function open(options: Partial<DecodePoolOptions> = {}): void {
  ends = []
  pool = new DecodePool({ workerFile: worker.file, size: 1, onWorkerEnd: (reason) => ends.push(reason), ...options })
}
const run = async (name: string, signal?: AbortSignal): Promise<Answer> => (await pool.run(named(name), signal)) as unknown as Answer
const failure = (name: string, signal?: AbortSignal) =>
  run(name, signal).then(
    (answer) => expect.fail(`answered ${JSON.stringify(answer)}`),
    (error: { code: string; message: string; facts: object }) => error,
  )

describe('work', () => {
  it('is answered to whoever asked, in a thread that is used again', async () => {
    open()
    const answers = await Promise.all(['echo-1', 'echo-2', 'refuse-3', 'echo-4'].map((name) => run(name).catch(({ code }: { code: string }) => ({ name: code, thread: 0 }))))
    expect(answers.map(({ name }) => name)).toEqual(['echo-1', 'echo-2', 'image-corrupt', 'echo-4'])
    expect(new Set(answers.map(({ thread }) => thread).filter(Boolean)).size).toBe(1)
    expect(ends).toEqual([])
  })

  it('goes on in as many threads as the pool has, and no more', async () => {
    open({ size: 3 })
    const answers = await Promise.all(Array.from({ length: 9 }, (_, i) => run(`wait-${20 + i}`)))
    expect(new Set(answers.map(({ thread }) => thread)).size).toBe(3)
  })

  it('goes to the worker that has the file open', async () => {
    open({ size: 3 })
    await Promise.all(['wait-30', 'wait-31', 'wait-32'].map((name) => run(name)))
    const first = await run('kept-a')
    const other = await run('kept-b')
    expect(other.thread).not.toBe(first.thread)
    for (let i = 0; i < 5; i++) {
      expect((await run('kept-a')).thread).toBe(first.thread)
      expect((await run('kept-b')).thread).toBe(other.thread)
      expect([first.thread, other.thread]).not.toContain((await run('echo')).thread)
    }
  })

  it('gives memory back: an idle worker ends, and the next file has a fresh one', async () => {
    open({ idleMilliseconds: 30 })
    const first = await run('echo-1')
    await expect.poll(() => ends).toEqual(['idle'])
    expect((await run('echo-2')).thread).not.toBe(first.thread)
  })

  it('is not given to a worker that says it is spent', async () => {
    open()
    const first = await run('spent-1')
    expect((await run('echo-2')).thread).not.toBe(first.thread)
    expect(ends).toEqual(['spent'])
  })
})

describe('a hostile file costs one worker and one typed error', () => {
  const among = async (name: string) => {
    const [before, error, ...after] = await Promise.all([run('echo-1'), failure(name), run('echo-2'), run('echo-3')])
    expect([before.name, ...after.map(({ name }) => name)]).toEqual(['echo-1', 'echo-2', 'echo-3'])
    expect(error.facts).toMatchObject({ path: `/scans/${name}` })
    return error
  }

  it.each(['loop', 'regexp'])('that never ends (%s)', async (name) => {
    open({ limits: { time: 300 } })
    const began = performance.now()
    const error = await among(name)
    expect(error).toMatchObject({ code: 'decode-timeout', message: expect.stringMatching(/was not decoded within 0\.3 s .*; convert it with another program first\.$/) })
    expect(performance.now() - began).toBeLessThan(3000)
    expect(ends).toEqual(['time'])
  })

  it.each(['buffers', 'objects', 'push', 'text', 'wasm'])('that fills the memory (%s)', async (name) => {
    open({ limits: { memory: 256 * 2 ** 20 } })
    const before = process.memoryUsage.rss()
    let peak = 0
    const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 5)
    const error = await among(name)
    clearInterval(timer)
    expect(error).toMatchObject({ code: 'decode-out-of-memory', message: expect.stringMatching(/256 MiB of memory/) })
    expect(ends.every((reason) => reason === 'memory')).toBe(true)
    expect(ends.length).toBeLessThanOrEqual(2)
    expect(peak - before).toBeLessThan(900 * 2 ** 20)
  })

  it.each([
    ['throw', 'nobody catches this'],
    ['exit', 'it ended by itself'],
  ])('that makes its worker die (%s)', async (name, why) => {
    open()
    const error = await among(name)
    expect(error).toMatchObject({ code: 'internal', message: expect.stringContaining(why) })
    expect(ends).toEqual(['died'])
  })

  it('and not the files that are decoded beside it', async () => {
    open({ size: 2, limits: { memory: 256 * 2 ** 20 } })
    const [error, ...others] = await Promise.all([failure('buffers'), ...Array.from({ length: 20 }, (_, i) => run(`wait-${i + 1}`))])
    expect(error.code).toBe('decode-out-of-memory')
    expect(others.map(({ name }) => name)).toEqual(Array.from({ length: 20 }, (_, i) => `wait-${i + 1}`))
  })
})

describe('limits', () => {
  it('count from when a worker has the file, not from when it was asked for', async () => {
    open({ limits: { time: 400 } })
    const answers = await Promise.all(Array.from({ length: 5 }, (_, i) => run(`wait-${150 + i}`)))
    expect(answers).toHaveLength(5)
    expect(ends).toEqual([])
  })

  it('give a large file more time, in proportion and no more', async () => {
    open({ limits: { time: 150 } })
    expect((await run('large-300')).name).toBe('large-300')
    expect((await failure('large-5000')).facts).toMatchObject({ milliseconds: 600 })
    expect((await failure('wait-5000')).facts).toMatchObject({ milliseconds: 150 })
  })

  it('do not hold against a file that the thread which counts was blocked', async () => {
    open({ limits: { time: 100 } })
    await run('echo')
    const waiting = run('wait-50')
    const until = performance.now() + 400
    while (performance.now() < until);
    expect((await waiting).name).toBe('wait-50')
  })

  it('do not blame a file for memory that others took: it goes again', async () => {
    let resident = 2 ** 30
    open({ limits: { memory: 400 * 2 ** 20 }, residentBytes: () => resident })
    await run('echo')
    const waiting = run('wait-1000')
    // Once the worker has it, and for good: the worker's end gives none of it back.
    await new Promise((resolve) => setTimeout(resolve, 50))
    resident += 900 * 2 ** 20
    expect((await waiting).name).toBe('wait-1000')
    expect(ends).toEqual(['memory'])
  })
})

describe('giving up', () => {
  it('takes a waiting file back and leaves the worker alone', async () => {
    open()
    await run('echo')
    const controller = new AbortController()
    const [first, second, third] = [run('wait-100'), failure('echo-2', controller.signal), run('echo-3')]
    controller.abort()
    expect((await second).code).toBe('cancelled')
    expect((await first).thread).toBe((await third).thread)
    expect(ends).toEqual([])
  })

  it('ends the worker of a running one', async () => {
    open()
    await run('echo')
    const controller = new AbortController()
    const looping = failure('loop', controller.signal)
    setTimeout(() => controller.abort(), 50)
    expect((await looping).code).toBe('cancelled')
    expect((await run('echo-2')).name).toBe('echo-2')
    expect(ends).toEqual(['cancelled'])
  })

  it('before it began costs nothing', async () => {
    open()
    expect((await failure('echo', AbortSignal.abort())).code).toBe('cancelled')
  })

  it('by closing rejects what runs and what waits, and what comes later', async () => {
    open()
    const [running, waiting] = [failure('loop'), failure('echo')]
    await new Promise((resolve) => setTimeout(resolve, 100))
    await pool.close()
    expect([(await running).code, (await waiting).code, (await failure('echo')).code]).toEqual(['engine-stopped', 'engine-stopped', 'engine-stopped'])
    expect(ends).toEqual(['closed'])
  })
})
