/**
 * How long a job still takes, from its recent pace. The first update is the starting line, not zero: a resumed job
 * skips what it has, and that leap says nothing about the speed of the rest. So is the first with another total: what was
 * counted before it (images read, say) went at a pace of its own. And so is the first after a notebook slept.
 */
export interface Pace {
  update(done: number, total: number, now: number): void
  /** Seconds; null until something has been done at a measurable pace. */
  remainingSeconds(now: number): number | null
}

/** A wait so many times longer than the one before it, and than the window, is no pace but a sleep. */
const asleep = 30

export function createPace(windowMilliseconds = 60_000): Pace {
  let samples: { at: number; done: number }[] = []
  let total = 0

  return {
    update(done, newTotal, now) {
      if (newTotal !== total) samples = []
      total = newTotal
      const [last, before] = [samples.at(-1), samples.at(-2)]
      if (last && done < last.done) samples = []
      else if (last?.done === done) return
      else if (last && before && now - last.at > Math.max(windowMilliseconds, asleep * (last.at - before.at))) samples = []
      samples.push({ at: now, done })
      // Two samples always stay, for jobs whose single steps are longer than the window.
      while (samples.length > 2 && samples[1]!.at < now - windowMilliseconds) samples.shift()
    },
    remainingSeconds(now) {
      const first = samples[0]
      const last = samples.at(-1)
      if (!first || !last || last.done === first.done || last.at === first.at) return null
      const millisecondsEach = (last.at - first.at) / (last.done - first.done)
      return Math.max(0, ((total - last.done) * millisecondsEach - (now - last.at)) / 1000)
    },
  }
}
