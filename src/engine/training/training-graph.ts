/**
 * A training step as one ONNX graph: forward, backward and the optimiser's update, run by one call of ONNX Runtime.
 */
import { gradient } from '../autodiff/gradient'
import { adamW } from '../nn/optimiser'
import type { ParameterLayout, ParameterSource } from '../nn/parameters'
import { GraphBuilder, type Value } from '../onnx/builder'

export interface Objective {
  /** Scalar. */
  loss: Value
  /** Scalars to watch, by name. */
  metrics: Record<string, Value>
}

export interface TrainingGraphOptions {
  weightDecay: number
  clipNorm: number
}

/** Inputs: the state, the schedule, and what `objective` adds. Outputs: the next state, `loss`, `gradientNorm`, metrics. */
export function trainingGraph(layout: ParameterLayout, options: TrainingGraphOptions, objective: (g: GraphBuilder, parameters: ParameterSource) => Objective): Uint8Array {
  const g = new GraphBuilder()
  const vector = (name: string) => g.input(name, [layout.size])
  const scalar = (name: string) => g.input(name, [])
  const state = { weights: vector('weights'), firstMoment: vector('firstMoment'), secondMoment: vector('secondMoment') }
  const { loss, metrics } = objective(g, layout.slices(g, state.weights))
  const [slope] = gradient(g, loss, [state.weights])
  const next = adamW(g, state, slope!, [scalar('learningRate'), scalar('correction1'), scalar('correction2')], { ...options, decayMask: layout.decayMask() })
  g.output('nextWeights', next.weights)
  g.output('nextFirstMoment', next.firstMoment)
  g.output('nextSecondMoment', next.secondMoment)
  g.output('gradientNorm', next.gradientNorm)
  g.output('loss', loss)
  for (const [name, value] of Object.entries(metrics)) g.output(name, value)
  return g.toBytes()
}
