/**
 * What one file may cost. A worker that goes beyond is ended, and the file gets a typed error.
 */
export interface DecodeLimits {
  /** Milliseconds of wall clock from when a worker begins a file of ordinary size. */
  readonly time: number
  /** How many times as long a large file may take (see `timeFactor`). */
  readonly largestTimeFactor: number
  /** Bytes that the process may grow by while a file is decoded, beside the file itself. */
  readonly memory: number
}

export const defaultLimits: DecodeLimits = { time: 30_000, largestTimeFactor: 20, memory: 2 ** 30 }

/** Larger files are refused before they are read. Typed arrays end here in Node 20, and so do 32-bit offsets in the formats. */
export const maximumFileBytes = 4 * 2 ** 30

/** A file beyond these has more time, in proportion: so many bytes of JPEG 2000 take some five seconds. */
export const ordinaryBytes = 16 * 2 ** 20
export const ordinaryFrames = 32

/** Time grows with the bytes to read and with the frames to decode in one go. */
export const timeFactor = (limits: DecodeLimits, fileBytes: number, framesAtOnce = 1): number =>
  Math.min(limits.largestTimeFactor, Math.max(1, fileBytes / ordinaryBytes, framesAtOnce / ordinaryFrames))

/**
 * V8's own limit for a worker, in MiB. It lies well above the memory limit, because the watchdog is to act first: an
 * isolate that meets its own limit within one large allocation (a growing array, a spread) does not throw, it aborts the
 * whole process. No single allocation on the heap is larger than 1 GiB.
 */
export const heapLimitMiB = (limits: DecodeLimits): number => limits.memory / 2 ** 20 + 2048
