/**
 * A training step as one ONNX graph: forward, backward, the optimiser's update and the moving average of the weights,
 * run by one call of ONNX Runtime.
 */
import { gradient } from '../autodiff/gradient'
import { adamW } from '../nn/optimiser'
import type { ParameterLayout, ParameterSource } from '../nn/parameters'
import { GraphBuilder, type Value } from '../onnx/builder'
import { add, mul, sub } from '../onnx/ops'
import { createRecurrentSession, type RecurrentSession } from '../runtime/recurrent-session'
import type { SessionOptions } from '../runtime/session'

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

/** What a step changes, each with the output that is its value after it. */
const nextState = { weights: 'nextWeights', firstMoment: 'nextFirstMoment', secondMoment: 'nextSecondMoment', averaged: 'nextAveraged' } as const

export type TrainingSession = RecurrentSession<keyof typeof nextState>

/** @param graph of `trainingGraph` */
export const createTrainingSession = (graph: Uint8Array, options: SessionOptions): Promise<TrainingSession> => createRecurrentSession(graph, nextState, options)

/**
 * Inputs: the state, the schedule (`learningRate`, `correction1`, `correction2` of AdamW; `averaging`, the share of the
 * average that stays), and what `objective` adds. Outputs: the next state, `loss`, `gradientNorm`, metrics.
 */
export function trainingGraph(layout: ParameterLayout, options: TrainingGraphOptions, objective: (g: GraphBuilder, parameters: ParameterSource) => Objective): Uint8Array {
  const g = new GraphBuilder()
  const vector = (name: string) => g.input(name, [layout.size])
  const scalar = (name: string) => g.input(name, [])
  const state = { weights: vector('weights'), firstMoment: vector('firstMoment'), secondMoment: vector('secondMoment') }
  const { loss, metrics } = objective(g, layout.slices(g, state.weights))
  const [slope] = gradient(g, loss, [state.weights])
  const next = adamW(g, state, slope!, [scalar('learningRate'), scalar('correction1'), scalar('correction2')], { ...options, decayMask: layout.decayMask() })
  const stays = scalar('averaging')
  g.output(nextState.weights, next.weights)
  g.output(nextState.firstMoment, next.firstMoment)
  g.output(nextState.secondMoment, next.secondMoment)
  g.output(nextState.averaged, add(g, mul(g, vector('averaged'), stays), mul(g, next.weights, sub(g, 1, stays))))
  g.output('gradientNorm', next.gradientNorm)
  g.output('loss', loss)
  for (const [name, value] of Object.entries(metrics)) g.output(name, value)
  return g.toBytes()
}
