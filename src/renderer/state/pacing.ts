/** Events of the engine on their way to the page, not faster than it can show them. */
import type { AnyEvent } from '../../shared/contract'
import { isActive } from './rows'

/** Milliseconds between two deliveries: more would not be seen. */
const interval = 50

/** Whether nobody misses `older` once `newer` is there. What a job went through is kept, how far it was is not. */
function supersedes(newer: AnyEvent, older: AnyEvent): boolean {
  if (newer.name === 'job' && older.name === 'job') return newer.payload.id === older.payload.id && newer.payload.state === older.payload.state && isActive(newer.payload)
  return newer.name === 'train.metrics' && older.name === 'train.metrics' && newer.payload.jobId === older.payload.jobId
}

/**
 * The first event is handed on at once, those that follow closely together, so that the page is drawn once for all of
 * them. Otherwise a busy machine that draws slower than events arrive would work off a queue and answer nobody.
 */
export function paced(deliver: (event: AnyEvent) => void): (event: AnyEvent) => void {
  let waiting: AnyEvent[] = []
  let resting = false
  const flush = (): void => {
    const events = waiting
    waiting = []
    resting = events.length > 0
    if (resting) setTimeout(flush, interval)
    for (const event of events) deliver(event)
  }
  return (event) => {
    waiting = [...waiting.filter((older) => !supersedes(event, older)), event]
    if (!resting) flush()
  }
}
