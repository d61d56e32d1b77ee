/** jxl-oxide, a JPEG XL decoder in Rust that shares no code with libjxl; it gives pictures as PNG. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { decode } from 'fast-png'
import { initSync, JxlImage } from 'jxl-oxide-wasm'

const wasm = resolve(import.meta.dirname, '../../../../node_modules/jxl-oxide-wasm/jxl_oxide_wasm_bg.wasm')
let started = false

/** Samples side by side; those of 9 to 15 bits stretched to 16. */
export function decodeWithJxlOxide(codestream: Uint8Array): { channels: number; depth: number; data: Uint8Array | Uint16Array } {
  if (!started) initSync({ module: readFileSync(wasm) })
  started = true
  const image = new JxlImage()
  try {
    image.feedBytes(codestream)
    if (!image.tryInit()) throw new Error('jxl-oxide wants more data')
    const png = decode(image.render().encodeToPng())
    return { channels: png.channels, depth: png.depth, data: png.data as Uint8Array | Uint16Array }
  } finally {
    image.free()
  }
}
