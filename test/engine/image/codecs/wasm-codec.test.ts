/** When a WebAssembly decoder is kept, and when it is thrown away. */
import { expect, test } from 'vitest'
import type { Output } from '../../../../src/engine/image/codecs/wasm-codec'
import { WasmCodec } from '../../../../src/engine/image/codecs/wasm-codec'
import { decodeJpeg2000 } from '../../../../src/engine/image/codecs/jpeg-2000'
import { decodeJpeg } from '../../../../src/engine/image/codecs/jpeg'
import { encode } from './dcmjs-codecs'
import { bytesOf, describePhantom, phantom } from './phantoms'

function counted(heap = 1000) {
  const started: Output[] = []
  const module = { HEAPU8: new Uint8Array(heap) }
  const codec = new WasmCodec(
    async (output) => {
      started.push(output)
      return module
    },
    (line) => line.startsWith('warning'),
  )
  return { codec, started, module }
}

test('one module serves all calls', async () => {
  const { codec, started } = counted()
  expect(await Promise.all([codec.use(() => 1), codec.use(() => 2)])).toEqual([1, 2])
  expect(await codec.use(() => 3)).toBe(3)
  expect(started.length).toBe(1)
})

test('after a failure the next call has a new one', async () => {
  const { codec, started } = counted()
  await expect(
    codec.use(() => {
      throw new Error('unreachable')
    }),
  ).rejects.toThrow('unreachable')
  expect(await codec.use(() => 4)).toBe(4)
  expect(started.length).toBe(2)
})

test('a complaint makes an error of a result, other chatter does not', async () => {
  const { codec, started } = counted()
  await codec.use(() => started[0]!.print('information: all is well'))
  await expect(codec.use(() => started[0]!.printErr('warning: data is missing'))).rejects.toThrow('data is missing')
  await expect(codec.use(() => 5)).resolves.toBe(5)
})

test('a heap that has grown large is not kept', async () => {
  const { codec, started, module } = counted()
  await codec.use(() => (module.HEAPU8 = new Uint8Array(300 * 2 ** 20)))
  module.HEAPU8 = new Uint8Array(1000)
  await codec.use(() => 6)
  expect(started.length).toBe(2)
})

test('a module that does not start is tried again', async () => {
  let tries = 0
  const codec = new WasmCodec(async () => {
    if (++tries === 1) throw new Error('no memory')
    return { HEAPU8: new Uint8Array(1) }
  })
  await expect(codec.use(() => 7)).rejects.toThrow('no memory')
  expect(await codec.use(() => 7)).toBe(7)
})

test('hundreds of frames leave nothing behind', async () => {
  const d = describePhantom({ bitsAllocated: 8, bitsStored: 8, samples: 1, signed: false }, 128, 128)
  const jpeg = await encode('Jpeg', bytesOf(phantom(d)), d, { lossy: true })
  const lossless = await encode('Jpeg', bytesOf(phantom(d)), d, { lossy: false })
  const jpeg2000 = await encode('Jpeg2000', bytesOf(phantom(d)), d, { lossy: false })
  const round = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await decodeJpeg(jpeg, d, 'x')
      await decodeJpeg(lossless, d, 'x')
      if (i % 4 === 0) await decodeJpeg2000(jpeg2000, d, 'x')
    }
  }
  await round(50)
  const before = process.memoryUsage().rss
  await round(400)
  // Each frame is 16 KiB decoded; leaked, they would be 13 MiB in the heaps of WebAssembly alone.
  expect(process.memoryUsage().rss - before).toBeLessThan(60 * 2 ** 20)
})
