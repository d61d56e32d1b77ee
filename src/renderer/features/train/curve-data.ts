/** Learning curves as lines with a name, and the axes that they are drawn on. */
import type { OpenedTraining } from '../../../shared/training-record'
import { figure, t } from '../../language'
import { isAccuracy, isLoss, metricName, metricValue } from '../../wording/training'

export interface Line {
  metric: string
  name: string
  points: { epoch: number; value: number }[]
  /** Drawn thin: single steps behind the means of the epochs, and what no epoch changes. */
  faint: boolean
}

export interface Chart {
  title: string
  lines: Line[]
  low: number
  high: number
  ticks: number[]
  /** Of a value on the axis. */
  label: (value: number) => string
}

/** Round numbers from 0 to the end, four to six of them. */
export function roundTicks(end: number): number[] {
  if (!(end > 0)) return [0, 1]
  const magnitude = 10 ** Math.floor(Math.log10(end / 4))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * magnitude).find((each) => end / each <= 5)!
  return Array.from({ length: Math.ceil(end / step - 1e-9) + 1 }, (_, k) => Number((k * step).toPrecision(6)))
}

type Charted = Pick<OpenedTraining, 'epochs' | 'steps' | 'begin' | 'parameters'>

const metricsOf = ({ epochs }: Pick<OpenedTraining, 'epochs'>): string[] => [...new Set(epochs.flatMap(({ metrics }) => Object.keys(metrics)))]

const lineOf = (training: Charted, metric: string): Line => ({
  metric,
  name: metricName(metric, training),
  faint: false,
  points: training.epochs.flatMap(({ epoch, metrics }) => (metrics[metric] === undefined ? [] : [{ epoch, value: metrics[metric] }])),
})

/** Single steps say little when there are thousands of them: at most so many points are drawn. */
const mostSteps = 400

/**
 * The two charts of a training: what it loses, and how often the classifier is right on the images held back.
 * @param end the last epoch on the axis
 */
export function chartsOf(training: Charted, end: number): { loss: Chart; accuracy: Chart } {
  const { steps, begin } = training
  const metrics = metricsOf(training)
  const perEpoch = begin?.stepsPerEpoch ?? 1
  const every = Math.ceil(steps.length / mostSteps)
  const single: Line = { metric: 'loss', name: t('train.stepLoss'), faint: true, points: steps.filter((_, i) => i % every === 0).map(({ step, loss }) => ({ epoch: step / perEpoch, value: loss })) }
  const lossLines = [...(single.points.length > 0 ? [single] : []), ...metrics.filter(isLoss).map((metric) => lineOf(training, metric))]
  const ticks = roundTicks(Math.max(0, ...lossLines.flatMap(({ points }) => points.map(({ value }) => value))))
  const unchanged = Object.entries(begin?.reference ?? {}).map(([metric, value]): Line => ({ metric, name: metricName(metric, training), faint: true, points: [0, end].map((epoch) => ({ epoch, value })) }))
  const accuracyLines = [...metrics.filter(isAccuracy).map((metric) => lineOf(training, metric)), ...unchanged]
  const lowest = Math.min(0.9, ...accuracyLines.flatMap(({ points }) => points.map(({ value }) => value)))
  const low = Math.max(0, Math.floor(lowest * 10 - 1e-9) / 10)
  const step = 1 - low > 0.5 ? 0.2 : 1 - low > 0.2 ? 0.1 : 0.05
  const accuracyTicks = Array.from({ length: Math.floor((1 - low) / step + 1e-9) + 1 }, (_, k) => 1 - k * step).reverse()
  return {
    loss: { title: t('train.chart.loss'), lines: lossLines, low: 0, high: ticks.at(-1)!, ticks, label: (value) => figure(value) },
    accuracy: { title: t('train.chart.accuracy'), lines: accuracyLines, low, high: 1, ticks: accuracyTicks, label: (value) => `${Math.round(value * 100)} %` },
  }
}

/** Epochs that are labelled below a chart: at most eight, round ones. */
export function epochTicks(epochs: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((each) => epochs / each <= 8) ?? epochs
  return Array.from({ length: Math.floor(epochs / step) }, (_, k) => (k + 1) * step)
}

/** What a line says at an epoch: there, or at the last one before it. */
export function valueAt({ metric, points }: Line, epoch: number): string {
  const point = points.findLast((each) => each.epoch <= epoch + 1e-9)
  return point ? metricValue(metric, point.value) : '–'
}
