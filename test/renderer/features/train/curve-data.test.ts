/** Learning curves as lines on axes. */
import { describe, expect, it } from 'vitest'
import { chartsOf, epochTicks, roundTicks, valueAt } from '../../../../src/renderer/features/train/curve-data'
import { metricName, metricValue } from '../../../../src/renderer/wording/training'
import type { EpochLine, OpenedTraining } from '../../../../src/shared/training-record'

const epoch = (n: number, metrics: Record<string, number>): EpochLine => ({ kind: 'epoch', epoch: n, step: 10 * n, seconds: 1, best: false, metrics, answers: {}, pictures: false })
const training = (epochs: EpochLine[], steps = 0): Pick<OpenedTraining, 'epochs' | 'steps' | 'begin' | 'parameters'> => ({
  epochs,
  parameters: {},
  steps: Array.from({ length: steps }, (_, i) => ({ kind: 'step', step: i + 1, loss: 2 })),
  begin: { kind: 'begin', epochs: 4, stepsPerEpoch: 10, images: 80, validationImages: 20, input: { width: 8, height: 8, channels: 1 }, classes: [], reference: { validationAccuracyBare: 0.96 }, samples: { labels: [], epsilon: null } },
})

describe('learning curves', () => {
  const two = [epoch(1, { loss: 1.2, learningRate: 0.1, validationAccuracy: 0.8 }), epoch(2, { loss: 0.7, learningRate: 0.1, validationAccuracy: 0.93 })]
  it('are losses on one chart and shares of right answers on the other; rates are on none', () => {
    const { loss, accuracy } = chartsOf(training(two, 25), 4)
    expect(loss.lines.map(({ metric, faint, points }) => [metric, faint, points.length])).toEqual([['loss', true, 25], ['loss', false, 2]])
    expect(loss.lines[0]!.points[9]).toEqual({ epoch: 1, value: 2 })
    expect(accuracy.lines.map(({ metric, faint }) => [metric, faint])).toEqual([['validationAccuracy', false], ['validationAccuracyBare', true]])
    expect(accuracy.lines[1]!.points).toEqual([{ epoch: 0, value: 0.96 }, { epoch: 4, value: 0.96 }])
  })
  it('have axes that hold all points, and labels that are round', () => {
    const { loss, accuracy } = chartsOf(training(two, 25), 4)
    expect([loss.low, loss.high, loss.ticks]).toEqual([0, 2, [0, 0.5, 1, 1.5, 2]])
    expect(accuracy.low).toBeLessThanOrEqual(0.8)
    expect(accuracy.ticks.at(-1)).toBe(1)
    expect(accuracy.ticks.map(accuracy.label)).toContain('80 %')
    expect(chartsOf(training([]), 4).loss.ticks).toEqual([0, 1])
    expect(roundTicks(0.043)).toEqual([0, 0.01, 0.02, 0.03, 0.04, 0.05])
    expect(epochTicks(3)).toEqual([1, 2, 3])
    expect(epochTicks(60)).toEqual([10, 20, 30, 40, 50, 60])
  })
  it('draw at most a few hundred single steps', () => {
    expect(chartsOf(training([], 5000), 4).loss.lines[0]!.points.length).toBeLessThanOrEqual(400)
  })
  it('say their value at an epoch, or at the last one before', () => {
    const [line] = chartsOf(training(two), 4).accuracy.lines
    expect([valueAt(line!, 1), valueAt(line!, 2), valueAt(line!, 0)]).toEqual(['80.0 %', '93.0 %', '–'])
  })
  it('name the strength of the attack: of a purifier that of its sample images, of a classifier the one that it learns from', () => {
    const { begin } = training([])
    const purifier = { begin: { ...begin!, samples: { labels: [], epsilon: 4 / 255 } }, parameters: {} }
    const classifier = (k: number) => ({ begin, parameters: { adversarialEpsilon: k / 255 } })
    expect([purifier, classifier(2), classifier(1.5), classifier(10)].map((each) => metricName('validationAccuracyAttacked', each))).toEqual(['Attacked at 4/255', 'Attacked at 2/255', 'Attacked at 1.5/255', 'Attacked at 10/255'])
    const { accuracy } = chartsOf({ ...training([epoch(1, { validationAccuracyAttacked: 0.5 })]), ...classifier(2) }, 4)
    expect(accuracy.lines[0]!.name).toBe('Attacked at 2/255')
  })
  it('have names, those that nobody has named by their own words', () => {
    expect(metricName('somethingElse', training([]))).toBe('Something else')
    expect([metricValue('loss', 0.00012), metricValue('loss', 1.23456), metricValue('validationAccuracy', 0.5)]).toEqual(['1.2e-4', '1.23', '50.0 %'])
  })
})
