import { describe, expect, it } from 'vitest'
import type { AnyEvent } from '../../src/shared/contract'
import { serve } from '../../src/shared/rpc'
import { supervise } from '../../src/shared/supervisor'
import type { EngineProcess } from '../../src/shared/supervisor'
import { portPair } from '../support/ports'
import { aJob, scriptedService } from '../support/scripted-service'
import type { Answers, ScriptedService } from '../support/scripted-service'

/** Engine processes that a test can crash. */
function processes(answers: Answers) {
  const started: { service: ScriptedService; crash(): void }[] = []
  const launch = (): EngineProcess => {
    const { near, far, close } = portPair()
    const service = scriptedService(answers)
    serve(far, service)
    started.push({ service, crash: close })
    return {
      ...near,
      onClose: (listener) => near.onClose!(listener),
      kill: async () => close(),
    }
  }
  return { launch, started }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 20))

describe('a supervised engine', () => {
  it('answers again after a crash, from a fresh process', async () => {
    const { launch, started } = processes({ 'jobs.list': () => [] })
    const messages: string[] = []
    const engine = supervise(launch, { onCrash: (message) => messages.push(message) })
    await engine.call('jobs.list', {})
    started[0]!.crash()
    await pause()
    expect(await engine.call('jobs.list', {})).toEqual([])
    expect(started).toHaveLength(2)
    expect(messages).toHaveLength(1)
    await engine.stop()
  })

  it('reports the jobs that a crash took along as failed, and only those', async () => {
    const { launch, started } = processes({ 'jobs.list': () => [] })
    const engine = supervise(launch)
    const seen: AnyEvent[] = []
    engine.subscribe((event) => seen.push(event))
    started[0]!.service.emit({ name: 'job', payload: aJob({ id: 'finished', state: 'done', endedAt: 5 }) })
    started[0]!.service.emit({ name: 'job', payload: aJob({ id: 'busy' }) })
    await engine.call('jobs.list', {})
    seen.length = 0
    started[0]!.crash()
    await pause()
    expect(seen).toMatchObject([{ name: 'job', payload: { id: 'busy', state: 'failed', error: { code: 'engine-stopped' } } }])
    await engine.stop()
  })

  it('gives up on an engine that keeps crashing', async () => {
    const { launch, started } = processes({ 'jobs.list': () => [] })
    const engine = supervise(launch, { crashLimit: 2 })
    for (const n of [0, 1]) {
      await engine.call('jobs.list', {})
      started[n]!.crash()
      await pause()
    }
    await expect(engine.call('jobs.list', {})).rejects.toMatchObject({ code: 'engine-stopped' })
    expect(started).toHaveLength(2)
  })

  it('is no crash when it was asked to stop', async () => {
    const { launch } = processes({})
    const messages: string[] = []
    const engine = supervise(launch, { onCrash: (message) => messages.push(message) })
    await engine.stop()
    await pause()
    expect(messages).toEqual([])
    await expect(engine.call('jobs.list', {})).rejects.toMatchObject({ code: 'engine-stopped' })
  })
})
