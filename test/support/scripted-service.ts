/**
 * An engine that answers what a test tells it to, for tests of what stands in front of the engine.
 */
import type { AnyEvent, CallName, CallOutput, StoredBytes } from '../../src/shared/contract'
import { AssayError } from '../../src/shared/errors'
import type { EngineService, ParsedInput } from '../../src/shared/rpc'
import type { Job } from '../../src/shared/types'

export type Answers = { [K in CallName]?: (input: ParsedInput<K>) => CallOutput<K> | Promise<CallOutput<K>> }

export interface ScriptedService extends EngineService {
  emit(event: AnyEvent): void
  readonly calls: { name: CallName; input: unknown }[]
}

export function scriptedService(answers: Answers = {}, stored: Record<string, StoredBytes> = {}): ScriptedService {
  const listeners = new Set<(event: AnyEvent) => void>()
  const calls: ScriptedService['calls'] = []
  return {
    calls,
    async call(name, input) {
      calls.push({ name, input })
      const answer = answers[name]
      if (!answer) throw new AssayError('internal', `The test has no answer to ${name}.`)
      return answer(input)
    },
    async bytes(id) {
      const entry = stored[id]
      if (!entry) throw new AssayError('result-not-found', 'There are no such bytes.')
      return entry
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    emit: (event) => listeners.forEach((listener) => listener(event)),
  }
}

export const aJob = (changes: Partial<Job> = {}): Job => ({
  id: 'job-1',
  kind: 'scan',
  state: 'running',
  title: 'Scan of two files',
  done: 0,
  total: 2,
  message: '',
  startedAt: 1000,
  endedAt: null,
  remainingSeconds: null,
  ...changes,
})
