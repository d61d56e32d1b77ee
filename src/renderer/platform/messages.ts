/** Parses what crosses the border into the page, so that a front out of step fails here with a name and not deep in a view. */
import { calls, events } from '../../shared/contract'
import type { AnyEvent, CallName, CallOutput, EventName } from '../../shared/contract'
import { serializedErrorSchema } from '../../shared/error-schema'
import { AssayError } from '../../shared/errors'

/** @throws AssayError `internal` when the answer is not what the contract says. */
export function parseOutput<K extends CallName>(name: K, value: unknown): CallOutput<K> {
  const parsed = calls[name].output.safeParse(value)
  if (!parsed.success)
    throw new AssayError('internal', `The engine's answer to ${name} could not be understood; restart Assay.`, { call: name })
  return parsed.data as CallOutput<K>
}

/** Null for what is no event of the contract. */
export function parseEvent(value: unknown): AnyEvent | null {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('payload' in value)) return null
  if (typeof value.name !== 'string' || !Object.hasOwn(events, value.name)) return null
  const parsed = events[value.name as EventName].safeParse(value.payload)
  return parsed.success ? ({ name: value.name, payload: parsed.data } as AnyEvent) : null
}

/** A front's `{ error }` as an AssayError; anything else as `engine-stopped`. */
export function parseFailure(value: unknown, fallback: string): AssayError {
  const candidate = typeof value === 'object' && value !== null && 'error' in value ? value.error : value
  const parsed = serializedErrorSchema.safeParse(candidate)
  return parsed.success ? AssayError.from(parsed.data) : new AssayError('engine-stopped', fallback)
}
