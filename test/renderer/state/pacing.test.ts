/** Events on their way to the page: at most some deliveries a second, and nothing lost but progress that is out of date. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { paced } from '../../../src/renderer/state/pacing'
import type { AnyEvent } from '../../../src/shared/contract'
import type { Job } from '../../../src/shared/types'

const job = (id: string, state: Job['state'], done = 0): AnyEvent => ({ name: 'job', payload: { id, kind: 'scan', state, title: '', done, total: 100, message: '', startedAt: 0, endedAt: null, remainingSeconds: null } })
const metrics = (jobId: string, step: number): AnyEvent => ({ name: 'train.metrics', payload: { jobId, epoch: step, step, metrics: {} } })
const brief = (event: AnyEvent): string => (event.name === 'job' ? `${event.payload.id} ${event.payload.state} ${event.payload.done}` : event.name === 'train.metrics' ? `${event.payload.jobId} ${event.payload.step}` : event.name)

describe('events for the page', () => {
  let delivered: string[]
  let receive: (event: AnyEvent) => void
  beforeEach(() => {
    vi.useFakeTimers()
    delivered = []
    receive = paced((event) => delivered.push(brief(event)))
  })
  afterEach(() => vi.useRealTimers())

  it('come at once when they are few', () => {
    receive(job('a', 'running', 1))
    expect(delivered).toEqual(['a running 1'])
    vi.advanceTimersByTime(1000)
    receive(job('a', 'running', 2))
    expect(delivered).toEqual(['a running 1', 'a running 2'])
  })

  it('come together when they are many, the newest progress of each job alone', () => {
    for (let done = 0; done < 50; done++) {
      receive(job('a', 'running', done))
      receive(job('b', 'running', done))
      receive(metrics('c', done))
    }
    expect(delivered).toEqual(['a running 0'])
    vi.runAllTimers()
    expect(delivered).toEqual(['a running 0', 'a running 49', 'b running 49', 'c 49'])
  })

  it('keep every state that a job went through, in order', () => {
    receive(metrics('c', 0))
    for (const event of [job('a', 'queued'), job('a', 'running', 1), job('a', 'running', 2), job('a', 'done', 100), job('a', 'done', 100)]) receive(event)
    vi.runAllTimers()
    expect(delivered).toEqual(['c 0', 'a queued 0', 'a running 2', 'a done 100', 'a done 100'])
  })

  it('are never joined by those of another job, nor lost where a receiver brings forth more', () => {
    const chained: string[] = []
    const chain = paced((event) => {
      chained.push(brief(event))
      if (chained.length < 3) chain(job('next', 'running', chained.length))
    })
    chain(job('a', 'running', 1))
    vi.runAllTimers()
    expect(chained).toEqual(['a running 1', 'next running 1', 'next running 2'])
  })
})
