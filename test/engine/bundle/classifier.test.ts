import { describe, expect, it } from 'vitest'
import { answerOf, classifierInput, logOdds, logProbabilities, probabilities } from '../../../src/engine/bundle/classifier'
import type { BundleManifest } from '../../../src/shared/bundle'
import { float32 } from '../../../src/engine/tensor/tensor'

const spec = (
  output: BundleManifest['classifier']['output'],
  classes = ['a', 'b', 'c'],
  input: Partial<BundleManifest['input']> = {},
  layout: 'nchw' | 'nhwc' = 'nchw',
): Pick<BundleManifest, 'id' | 'classes' | 'input' | 'classifier'> => ({
  id: 'test',
  classes,
  input: { width: 2, height: 1, channels: 3, mean: [0, 0, 0], std: [1, 1, 1], intensity: { kind: 'declared-range' }, ...input },
  classifier: { file: 'classifier.onnx', sha256: '', output, layout },
})

describe('what goes into a classifier', () => {
  const x = Float32Array.from([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])

  it('is normalised per channel', () => {
    const { shape, data } = classifierInput(x, spec('logits', ['a', 'b'], { mean: [0.5, 0, 0.1], std: [0.5, 1, 0.1] }))
    expect(shape).toEqual([1, 3, 1, 2])
    const expected = [(0.1 - 0.5) / 0.5, (0.2 - 0.5) / 0.5, 0.3, 0.4, (0.5 - 0.1) / 0.1, (0.6 - 0.1) / 0.1]
    Array.from(data).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5))
  })

  it('has its channels last where the model wants them there', () => {
    const { shape, data } = classifierInput(x, spec('logits', ['a', 'b'], {}, 'nhwc'))
    expect(shape).toEqual([1, 1, 2, 3])
    expect(Array.from(data)).toEqual(Array.from(Float32Array.from([0.1, 0.3, 0.5, 0.2, 0.4, 0.6])))
  })
})

describe('what comes out of a classifier', () => {
  it('is softmax of logits, also of ones that overflow', () => {
    const [small, large] = probabilities(float32([2, 3], [1, 2, 3, 1000, 999, -1000]), spec('logits'))
    const total = Math.exp(1) + Math.exp(2) + Math.exp(3)
    small!.forEach((p, i) => expect(p).toBeCloseTo(Math.exp(i + 1) / total, 12))
    expect(large![0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 12)
  })

  it('makes two classes of a single output', () => {
    const two = ['a', 'b']
    expect(probabilities(float32([1, 1], [2]), spec('logits', two))[0]![1]).toBeCloseTo(1 / (1 + Math.exp(-2)), 12)
    expect(probabilities(float32([1, 1], [0.25]), spec('sigmoid', two))[0]).toEqual([expect.closeTo(0.75, 9), expect.closeTo(0.25, 9)])
    expect(answerOf(logProbabilities(float32([1, 1], [0.25]), spec('sigmoid', two))[0]!, two)).toMatchObject({ label: 'a' })
  })

  it('keeps probabilities that already are some, and tells sure answers apart by their log-odds', () => {
    expect(probabilities(float32([1, 3], [0.2, 0.3, 0.5]), spec('softmax'))[0]!.map((p) => p.toFixed(6))).toEqual(['0.200000', '0.300000', '0.500000'])
    const odds = logOdds(logProbabilities(float32([1, 2], [60, 0]), spec('logits', ['a', 'b']))[0]!)
    expect(odds[0]).toBeCloseTo(60, 9)
    expect(odds[1]).toBeCloseTo(-60, 9)
  })

  it('is refused when it does not fit the classes or is not a number', () => {
    expect(() => probabilities(float32([1, 2], [0, 0]), spec('logits'))).toThrow('2 values for its 3 classes; name one class for each value.')
    expect(() => probabilities(float32([1, 3], [0, NaN, 0]), spec('logits'))).toThrow('not a number')
  })
})
