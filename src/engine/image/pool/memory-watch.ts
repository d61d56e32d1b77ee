/**
 * Looks at the memory of the process while something runs. Array buffers and WebAssembly heaps count in no limit of V8;
 * what no decoder foresaw shows here.
 */

/** Memory that is touched for the first time grows by some 5 GB/s at most. */
const intervalMilliseconds = 20

export const residentBytes = (): number => process.memoryUsage.rss()

export class MemoryWatch {
  private timer: NodeJS.Timeout | undefined
  private last = 0
  private wasLate = false
  private wanted = false

  /** @param look is called now and then while watching; what it returns is waited for. False: nothing is left to watch. */
  constructor(private readonly look: () => Promise<boolean>) {}

  /** Has no effect where it watches already. */
  begin(): void {
    this.wanted = true
    if (this.timer) return
    this.last = performance.now()
    this.timer = setTimeout(() => void this.tick(), intervalMilliseconds)
    this.timer.unref()
  }

  private async tick(): Promise<void> {
    const now = performance.now()
    // After a blocked thread, workers' answers wait to be heard first, and the growth may be of what blocked it. Late
    // again, the machine is busy.
    const late = now - this.last > 4 * intervalMilliseconds && !this.wasLate
    this.wasLate = late
    this.last = now
    this.wanted = false
    const goOn = late || (await this.look())
    this.timer = undefined
    // What began during the look has not been looked at.
    if (goOn || this.wanted) this.begin()
  }
}
