/**
 * Lets a call through at most once per interval; the last one always gets through. Progress of a fast job would
 * otherwise cost more than the job.
 */
export interface Throttled {
  (): void
  /** Drops a call that waits. */
  cancel(): void
}

export function throttle(action: () => void, intervalMilliseconds: number): Throttled {
  let last = -Infinity
  let timer: NodeJS.Timeout | undefined
  const fire = (): void => {
    timer = undefined
    last = performance.now()
    action()
  }
  const throttled = (): void => {
    if (timer !== undefined) return
    const wait = last + intervalMilliseconds - performance.now()
    if (wait <= 0) fire()
    else timer = setTimeout(fire, wait)
  }
  return Object.assign(throttled, {
    cancel() {
      clearTimeout(timer)
      timer = undefined
    },
  })
}
