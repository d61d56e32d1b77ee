/**
 * A network of a bundle as a session that takes any number of images. Many exporters write down how many images the model
 * was tried with, mostly one, and ONNX Runtime then refuses every other number.
 */
import { readModel } from '../onnx/reader'
import { inMemory } from '../runtime/convert'
import { createSession, type Session, type SessionOptions } from '../runtime/session'
import type { Tensor } from '../tensor/tensor'

/** @throws AssayError like `readModel` and `createSession` */
export async function createImageSession(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const atOnce = readModel(model).graph.inputs[0]?.shape?.[0]
  const session = await createSession(model, options)
  if (typeof atOnce !== 'number' || atOnce < 1) return session
  return {
    ...session,
    async run(feeds) {
      const [name, feed] = Object.entries(feeds)[0]!
      const x = await inMemory(feed)
      const count = x.shape[0]!
      const pieces: Record<string, Tensor>[] = []
      for (let start = 0; start < count; start += atOnce) pieces.push(await session.run({ [name]: rows(x, start, atOnce) }))
      return pieces.length === 1 && count === atOnce ? pieces[0]! : Object.fromEntries(Object.keys(pieces[0] ?? {}).map((output) => [output, joined(pieces.map((piece) => piece[output]!), count)]))
    },
  }
}

/** `count` rows from `start` on; those that are not there repeat the first of them. */
function rows(t: Tensor, start: number, count: number): Tensor {
  const row = t.data.length / t.shape[0]!
  const there = t.data.subarray(start * row, (start + count) * row) as Float32Array
  const shape = [count, ...t.shape.slice(1)]
  if (there.length === count * row) return { dtype: t.dtype, shape, data: there }
  const data = new (t.data.constructor as Float32ArrayConstructor)(count * row)
  for (let i = 0; i < count; i++) data.set(there.subarray(0, row), i * row)
  data.set(there)
  return { dtype: t.dtype, shape, data }
}

/** The first `count` rows of all parts. */
function joined(parts: readonly Tensor[], count: number): Tensor {
  const { dtype, shape, data: first } = parts[0]!
  const row = first.length / shape[0]!
  const data = new (first.constructor as Float32ArrayConstructor)(count * row)
  parts.forEach((part, i) => {
    const at = i * first.length
    data.set((part.data as Float32Array).subarray(0, Math.min(first.length, data.length - at)), at)
  })
  return { dtype, shape: [count, ...shape.slice(1)], data }
}
