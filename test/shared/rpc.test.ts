import { afterEach, describe, expect, it } from 'vitest'
import type { AnyEvent, CallName } from '../../src/shared/contract'
import { AssayError } from '../../src/shared/errors'
import { connect, serve } from '../../src/shared/rpc'
import { portPair } from '../support/ports'
import type { Ports } from '../support/ports'
import { aJob, scriptedService } from '../support/scripted-service'
import type { ScriptedService } from '../support/scripted-service'

let ports: Ports
const open = (service: ScriptedService) => {
  ports = portPair()
  serve(ports.far, service)
  return connect(ports.near)
}
afterEach(() => ports.close())

describe('the contract over a port', () => {
  it('carries a call there and its answer back', async () => {
    const client = open(scriptedService({ 'jobs.cancel': ({ jobId }) => aJob({ id: jobId }) }))
    expect(await client.call('jobs.cancel', { jobId: 'a' })).toEqual(aJob({ id: 'a' }))
  })

  it('gives every answer to the call that asked, whichever is ready first', async () => {
    const wait = (jobId: string) => (jobId === 'slow' ? 30 : 0)
    const client = open(scriptedService({ 'jobs.cancel': ({ jobId }) => new Promise((resolve) => setTimeout(() => resolve(aJob({ id: jobId })), wait(jobId))) }))
    const answers = await Promise.all(['slow', 'fast'].map((jobId) => client.call('jobs.cancel', { jobId })))
    expect(answers.map(({ id }) => id)).toEqual(['slow', 'fast'])
  })

  it('fills in defaults before the engine sees the input', async () => {
    const service = scriptedService({ 'jobs.start': () => aJob() })
    await open(service).call('jobs.start', { kind: 'scan', parameters: { paths: ['a.png'], bundle: 'b' } })
    expect(service.calls[0]!.input).toMatchObject({ parameters: { alpha: 0.05, provider: 'auto', heatmaps: true } })
  })

  it('refuses input that breaks the contract, and the engine never sees it', async () => {
    const service = scriptedService({ 'jobs.start': () => aJob() })
    const asked = open(service).call('jobs.start', { kind: 'scan', parameters: { paths: [], bundle: 'b' } })
    await expect(asked).rejects.toMatchObject({ code: 'invalid-arguments', facts: { field: 'parameters.paths' } })
    expect(service.calls).toEqual([])
  })

  it.each(['nothing', 'toString', '__proto__'])('refuses a call named %s', async (name) => {
    await expect(open(scriptedService()).call(name as CallName, {})).rejects.toMatchObject({ code: 'invalid-arguments' })
  })

  it('brings typed errors across with code, sentence and facts', async () => {
    const error = new AssayError('bundle-not-found', 'There is no bundle x; choose another.', { bundle: 'x' })
    const client = open(scriptedService({ 'bundles.list': () => Promise.reject(error) }))
    const caught: unknown = await client.call('bundles.list', {}).catch((thrown: unknown) => thrown)
    expect(caught).toBeInstanceOf(AssayError)
    expect(caught).toMatchObject({ code: error.code, message: error.message, facts: error.facts })
  })

  it('hands bytes over while the store keeps its own', async () => {
    const stored = { bytes: new Uint8Array([1, 2, 3, 4]).subarray(1, 3), mediaType: 'application/octet-stream' }
    const client = open(scriptedService({}, { a: stored }))
    expect((await client.bytes('a')).bytes).toEqual(new Uint8Array([2, 3]))
    expect((await client.bytes('a')).bytes).toEqual(new Uint8Array([2, 3]))
    expect(stored.bytes.byteLength).toBe(2)
  })

  it('tells subscribers of events until they end the subscription', async () => {
    const service = scriptedService({ 'jobs.list': () => [] })
    const client = open(service)
    const seen: AnyEvent[] = []
    const stop = client.subscribe((event) => seen.push(event))
    service.emit({ name: 'job', payload: aJob({ done: 1 }) })
    await client.call('jobs.list', {})
    stop()
    service.emit({ name: 'job', payload: aJob({ done: 2 }) })
    await client.call('jobs.list', {})
    expect(seen).toEqual([{ name: 'job', payload: aJob({ done: 1 }) }])
  })

  it('rejects waiting and later calls with engine-stopped when the other end goes', async () => {
    const client = open(scriptedService({ 'jobs.list': () => new Promise(() => {}) }))
    const waiting = client.call('jobs.list', {})
    ports.close()
    await expect(waiting).rejects.toMatchObject({ code: 'engine-stopped' })
    await expect(client.call('jobs.list', {})).rejects.toMatchObject({ code: 'engine-stopped' })
  })
})
