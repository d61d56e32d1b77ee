/** ONNX files read and written again are the same models, and what is not an ONNX file is said to be none. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AssayError } from '../../../src/shared/errors'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { float, int, ints, text, type AttributeValue, type OnnxModel } from '../../../src/engine/onnx/model'
import { add, conv, relu } from '../../../src/engine/onnx/ops'
import { besideModel } from '../../../src/engine/onnx/external-data'
import { readModel } from '../../../src/engine/onnx/reader'
import { writeModel } from '../../../src/engine/onnx/writer'
import { createSession } from '../../../src/engine/runtime/session'
import { Random } from '../../../src/engine/tensor/random'
import { fromBytes, sizeOf, bytesPerElement, float32, zeros, type DType, type Tensor } from '../../../src/engine/tensor/tensor'
import { haveShared, sharedData } from '../../support/shared-data'
import { cpuTime } from '../../support/cpu-time'

const dtypes: DType[] = ['float32', 'float64', 'float16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'uint16', 'uint32', 'bool']
const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
const tensors: fc.Arbitrary<Tensor> = fc.record({ dtype: fc.constantFrom(...dtypes), shape: shapes, seed: fc.nat() }).map(({ dtype, shape, seed }) => {
  const random = new Random(seed)
  const bytes = Uint8Array.from({ length: sizeOf(shape) * bytesPerElement(dtype) }, () => random.integer(256))
  // A NaN's bits need not survive a copy of numbers, so that only quiet values are drawn for the wide types.
  if (dtype === 'float32' || dtype === 'float64') return { ...zeros(dtype, shape), data: (zeros(dtype, shape).data as Float32Array).map(() => random.normal()) }
  return fromBytes(dtype, shape, bytes)
})
const names = fc.string({ minLength: 1, maxLength: 12 })
const singles = fc.float({ noNaN: true })
const whole = fc.maxSafeInteger()
const attributes: fc.Arbitrary<AttributeValue> = fc.oneof(
  singles.map(float),
  whole.map(int),
  fc.string().map(text),
  tensors.map((value): AttributeValue => ({ type: 'tensor', value })),
  fc.array(singles).map((value): AttributeValue => ({ type: 'floats', value })),
  fc.array(whole).map(ints),
  fc.array(fc.string()).map((value): AttributeValue => ({ type: 'strings', value })),
)
const dictionary = <T>(value: fc.Arbitrary<T>) => fc.uniqueArray(fc.tuple(names, value), { maxLength: 4, selector: ([k]) => k }).map((e) => Object.fromEntries(e))
const infos = fc.uniqueArray(names, { maxLength: 3 }).chain((unique) =>
  fc.tuple(...unique.map((name) => fc.record({ name: fc.constant(`value ${name}`), dtype: fc.constantFrom(...dtypes), shape: fc.array(fc.oneof(fc.integer({ min: 1, max: 2 ** 40 }), names), { maxLength: 4 }) }))),
)
const nodes = fc.array(fc.record({ op: names, domain: fc.constantFrom('', 'com.microsoft'), name: names, inputs: fc.array(fc.string()), outputs: fc.array(names), attributes: dictionary(attributes) }), { minLength: 1, maxLength: 4 })
const models: fc.Arbitrary<OnnxModel> = fc.record({
  irVersion: fc.integer({ min: 3, max: 10 }),
  opsets: fc.constant(new Map([['', 18], ['com.microsoft', 1]])),
  producer: fc.string(),
  metadata: dictionary(fc.string()),
  graph: fc.record({ name: names, nodes, initializers: dictionary(tensors).map((t) => new Map(Object.entries(t))), inputs: infos, outputs: infos }),
})

it('any model that is written is read back the same', () => {
  fc.assert(
    fc.property(models, (model) => {
      expect(readModel(writeModel(model))).toEqual(model)
    }),
    { numRuns: 200 },
  )
})

const random = new Random('models')
function feedsOf(model: OnnxModel): Record<string, Tensor> {
  return Object.fromEntries(model.graph.inputs.map(({ name, shape }) => {
    const sizes = shape!.map((d) => (typeof d === 'number' ? d : 2))
    return [name, float32(sizes, Float32Array.from({ length: sizeOf(sizes) }, () => random.next()))]
  }))
}

const real = ['onnx', 'reference/c10'].filter(haveShared).flatMap((part) =>
  readdirSync(resolve(sharedData, part), { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.onnx')).map((f) => `${part}/${f}`),
)
describe.skipIf(!real.length)('models that others exported', () => {
  for (const file of real)
    it(`${file} answers the same after reading and writing, and again when spliced into a graph`, async () => {
      const bytes = readFileSync(resolve(sharedData, file))
      const model = readModel(bytes)
      const feeds = feedsOf(model)
      const g = new GraphBuilder()
      const bound = Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, g.input(name, t.shape)]))
      for (const [name, value] of Object.entries(g.inline(model, bound))) g.output(name, value)
      const answers = []
      for (const version of [bytes, writeModel(model), g.toBytes()]) {
        const session = await createSession(version, { provider: 'cpu' })
        answers.push(await session.run(feeds))
        await session.release()
      }
      const [original, again, spliced] = answers
      for (const [name, { shape, data }] of Object.entries(original!)) {
        expect(again![name]!.data).toEqual(data)
        expect(spliced![name]!.shape).toEqual(shape)
        const reference = Array.from(data as Float32Array)
        const largest = Math.max(...reference.map(Math.abs))
        reference.forEach((v, i) => expect(Math.abs(Number(spliced![name]!.data[i]) - v)).toBeLessThanOrEqual(1e-5 * largest))
      }
    })
})

describe('files that are no models', () => {
  const g = new GraphBuilder()
  const x = g.input('x', [1, 1, 8, 8])
  g.output('y', relu(g, add(g, conv(g, x, g.constant(float32([2, 1, 3, 3], new Float32Array(18).fill(0.5)))), 1)))
  const good = new Uint8Array(g.toBytes())
  /** Reads, or fails as it may: with onnx-invalid and nothing else. */
  const readsOrRefuses = (bytes: Uint8Array) => {
    try {
      readModel(bytes)
    } catch (error) {
      expect(error).toBeInstanceOf(AssayError)
      expect((error as AssayError).code).toBe('onnx-invalid')
    }
  }

  it('cut off anywhere, a model is refused or complete up to there', () => {
    for (let length = 0; length < good.length; length++) readsOrRefuses(good.slice(0, length))
    expect(() => readModel(good.slice(0, good.length >> 1))).toThrowError(expect.objectContaining({ code: 'onnx-invalid' }))
  })

  it('random bytes, and a model with some bytes changed, never end in another error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), readsOrRefuses), { numRuns: 500 })
    const changes = fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(changes, (list) => {
        const bytes = good.slice()
        for (const [at, value] of list) bytes[at] = value
        readsOrRefuses(bytes)
      }),
      { numRuns: 3000 },
    )
  })

  it('text, an empty file and a picture are onnx-invalid', () => {
    for (const bytes of [new Uint8Array(0), new TextEncoder().encode('not a model'), Uint8Array.of(0x89, 0x50, 0x4e, 0x47)])
      expect(() => readModel(bytes)).toThrowError(expect.objectContaining({ code: 'onnx-invalid' }))
  })

  it('a tensor that claims far more values than it holds is refused without room being made for them', () => {
    const model = readModel(good)
    model.graph.initializers.set('huge', { dtype: 'float32', shape: [1 << 20, 1 << 20], data: new Float32Array(0) })
    const took = cpuTime()
    expect(() => readModel(writeModel(model))).toThrowError(expect.objectContaining({ code: 'onnx-invalid', facts: { tensor: 'huge' } }))
    expect(took()).toBeLessThan(500)
  })

  it('weights in another file are asked for by name, and only then', () => {
    const text = (key: string, value: string) => Uint8Array.of(0x0a, key.length, ...Buffer.from(key), 0x12, value.length, ...Buffer.from(value))
    const field = (number: number, bytes: Uint8Array | number[]) => [(number << 3) | 2, bytes.length, ...bytes]
    // TensorProto: dims 2, data_type float, name w, external_data location weights.bin and offset 4, data_location EXTERNAL
    const tensor = [...field(1, [2]), 0x10, 1, ...field(8, Buffer.from('w')), ...field(13, text('location', 'weights.bin')), ...field(13, text('offset', '4')), 0x70, 1]
    const node = [...field(1, Buffer.from('w')), ...field(2, Buffer.from('y')), ...field(4, Buffer.from('Identity'))]
    const bytes = Uint8Array.from([0x08, 8, ...field(7, [...field(1, node), ...field(5, tensor)]), ...field(8, [0x10, 18])])
    expect(() => readModel(bytes)).toThrowError(expect.objectContaining({ code: 'onnx-invalid', facts: { location: 'weights.bin' } }))
    const asked: string[] = []
    const data = new Uint8Array(Float32Array.of(9, 1.5, -2).buffer)
    const model = readModel(bytes, { external: (location) => (asked.push(location), data) })
    expect(asked).toEqual(['weights.bin'])
    expect([...(model.graph.initializers.get('w')!.data as Float32Array)]).toEqual([1.5, -2])
    expect(() => readModel(bytes, { external: () => data.subarray(0, 8) })).toThrowError(expect.objectContaining({ code: 'onnx-invalid' }))
    // A place outside the folder is refused before anybody is asked.
    for (const location of ['../weights', '/etc/passwd1', 'C:\\weights1', 'a/../../w.']) {
      const elsewhere = Buffer.from(Buffer.from(bytes).toString('latin1').replace('weights.bin', location.padEnd(11, 'x').slice(0, 11)), 'latin1')
      expect(() => readModel(elsewhere, { external: () => expect.unreachable() }), location).toThrowError(expect.objectContaining({ code: 'onnx-invalid' }))
    }
    const far = Buffer.from(Buffer.from(bytes).toString('latin1').replace('offset\x12\x014', 'offset\x12\x01-'), 'latin1')
    expect(() => readModel(far, { external: () => data })).toThrowError(expect.objectContaining({ code: 'onnx-invalid', facts: { location: 'weights.bin' } }))
  })

  it('weights beside the model are read from its folder, and from nowhere else', () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-external-'))
    try {
      mkdirSync(join(folder, 'model'))
      writeFileSync(join(folder, 'model', 'w.bin'), 'inside')
      writeFileSync(join(folder, 'secret'), 'outside')
      symlinkSync(join(folder, 'secret'), join(folder, 'model', 'link'))
      const { external } = besideModel(join(folder, 'model'))
      expect(Buffer.from(external('w.bin')).toString()).toBe('inside')
      expect(() => external('link')).toThrowError(expect.objectContaining({ code: 'onnx-invalid' }))
      expect(() => external('../secret')).toThrowError(expect.objectContaining({ code: 'onnx-invalid' }))
      expect(() => external('absent')).toThrowError(expect.objectContaining({ code: 'file-not-found' }))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
