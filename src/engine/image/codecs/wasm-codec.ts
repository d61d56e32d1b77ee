/**
 * How decoders compiled to WebAssembly are kept: started at their first use, quiet, and thrown away where their heap can
 * no longer be trusted or has grown large, since such a heap never shrinks.
 */
interface Instance {
  HEAPU8: Uint8Array
}

/** What Emscripten's modules take: where their standard output and error go. */
export interface Output {
  print: (line: string) => void
  printErr: (line: string) => void
}

const heapWorthKeeping = 256 * 2 ** 20

export class WasmCodec<Module extends Instance> {
  private module: Promise<Module> | undefined
  private readonly complaints: string[] = []

  /**
   * @param start imports the package and starts it; called again after the module was thrown away
   * @param complaint tells what the module prints of data that it makes up for from its other chatter
   */
  constructor(
    private readonly start: (output: Output) => Promise<Module>,
    private readonly complaint: (line: string) => boolean = () => false,
  ) {}

  /**
   * @param work synchronous
   * @throws what `work` throws, or an Error with the module's first complaint; a new module is started for the next call then
   */
  async use<Result>(work: (module: Module) => Result): Promise<Result> {
    const hear = (line: string) => void (this.complaint(line) && this.complaints.length === 0 && this.complaints.push(line))
    const starting = (this.module ??= this.start({ print: hear, printErr: hear }))
    try {
      const module = await starting
      this.complaints.length = 0
      const result = work(module)
      if (this.complaints.length > 0) throw new Error(this.complaints[0])
      if (module.HEAPU8.length > heapWorthKeeping) this.module = undefined
      return result
    } catch (error) {
      if (this.module === starting) this.module = undefined
      throw error
    }
  }
}

/** The face that the decoders of the @cornerstonejs packages share. */
export interface EmbindDecoder {
  getEncodedBuffer(length: number): Uint8Array
  getDecodedBuffer(): Uint8Array | Uint8ClampedArray
  decode(): void
  getFrameInfo(): { width: number; height: number; componentCount: number; bitsPerSample: number; isSigned: boolean }
  delete(): void
}

/** A copy of bytes out of the module's heap, aligned for any kind of sample. */
export const copied = (heap: Uint8Array | Uint8ClampedArray): Uint8Array => new Uint8Array(heap)
