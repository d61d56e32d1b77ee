/**
 * Loads frames for someone who scrolls: one at a time, the newest wish next, wishes that were passed over never. When
 * there is nothing to do, neighbours are loaded ahead. Knows nothing of what a frame is.
 */
export interface FrameLoaderParts<T> {
  load(frame: number): Promise<T>
  /** A frame that is still kept. */
  recall(frame: number): T | undefined
  /** Frames worth having next, most likely first; asked for whenever there is nothing else to load. */
  ahead(): readonly number[]
  /** A frame to be shown: the one that was wished for, or one on the way to it. */
  arrived(frame: number, value: T): void
  /** The wished frame cannot be loaded. */
  failed(frame: number, error: unknown): void
}

export interface FrameLoader {
  /** Shows a frame as soon as it is there. */
  want(frame: number): void
  /** Begins to load ahead, after a while in which nothing is wished for. */
  rest(milliseconds: number): void
  /** Nothing is shown or begun any more. */
  stop(): void
}

export function createFrameLoader<T>({ load, recall, ahead, arrived, failed }: FrameLoaderParts<T>): FrameLoader {
  let wanted: number | null = null
  let loading: number | null = null
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Loaded ahead since the last wish: not again, were they pushed out by what was loaded after them. */
  const tried = new Set<number>()

  const begin = (frame: number, wished: boolean): void => {
    loading = frame
    load(frame).then(
      (value) => ended(frame, () => (wished ? wanted !== null : wanted === frame), () => arrived(frame, value)),
      (error: unknown) => ended(frame, () => wanted === frame, () => failed(frame, error)),
    )
  }

  const ended = (frame: number, due: () => boolean, tell: () => void): void => {
    loading = null
    if (stopped) return
    const told = due()
    if (wanted === frame) wanted = null
    if (told) tell()
    next()
  }

  const next = (): void => {
    if (stopped || loading !== null) return
    if (wanted !== null) begin(wanted, true)
    else if (timer === undefined) {
      const frame = ahead().find((each) => !tried.has(each) && recall(each) === undefined)
      if (frame === undefined) return
      tried.add(frame)
      begin(frame, false)
    }
  }

  const rest = (milliseconds: number): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      timer = undefined
      next()
    }, milliseconds)
  }

  return {
    want(frame) {
      if (stopped) return
      tried.clear()
      const known = recall(frame)
      if (known === undefined) {
        wanted = frame
        next()
        return
      }
      wanted = null
      arrived(frame, known)
      next()
    },
    rest,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/** Neighbours of a frame in the order in which scrolling on in `direction` will need them, at most `count`. */
export function neighbours(frame: number, frames: number, direction: 1 | -1, count: number): number[] {
  return [direction, 2 * direction, -direction, 3 * direction, 4 * direction, -2 * direction]
    .map((step) => frame + step)
    .filter((each) => each >= 1 && each <= frames)
    .slice(0, count)
}
