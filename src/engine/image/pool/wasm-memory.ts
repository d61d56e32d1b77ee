/**
 * A ceiling for WebAssembly heaps, which no limit of V8 counts. Codecs compiled with Emscripten grow theirs from
 * JavaScript, through `WebAssembly.Memory.prototype.grow`; refusing there makes the codec's malloc fail.
 * A module that grows by its own instruction is caught by the parent's watchdog instead.
 */
export interface WasmMemoryGuard {
  /** True once a heap was refused what it asked for; until `reset`. */
  readonly refused: boolean
  /** Bytes of all heaps that ever grew. They never shrink. */
  bytes(): number
  reset(): void
}

const pageBytes = 65536

export function guardWasmMemory(maximumBytes: number): WasmMemoryGuard {
  const grow = WebAssembly.Memory.prototype.grow
  const grown = new Set<WeakRef<WebAssembly.Memory>>()
  const known = new WeakSet<WebAssembly.Memory>()
  let refused = false

  const bytes = (): number => {
    let sum = 0
    for (const reference of grown) {
      const memory = reference.deref()
      if (memory) sum += memory.buffer.byteLength
      else grown.delete(reference)
    }
    return sum
  }

  WebAssembly.Memory.prototype.grow = function (pages: number): number {
    if (!known.has(this)) {
      known.add(this)
      grown.add(new WeakRef(this))
    }
    if (bytes() + pages * pageBytes > maximumBytes) {
      refused = true
      throw new RangeError('WebAssembly.Memory.grow(): beyond the memory limit of one file')
    }
    return grow.call(this, pages)
  }

  return {
    get refused() {
      return refused
    },
    bytes,
    reset: () => void (refused = false),
  }
}
