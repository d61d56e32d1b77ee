/**
 * The training loop, the same for every network: order of the images by the seed, schedule, checkpoints, learning
 * curves, cancel. Nothing in it is random that is not drawn from the seed, the epoch and the step, so that a run that
 * was killed and resumed computes what an uninterrupted one computes.
 */
import { AssayError } from '../../shared/errors'
import { adamWSchedule, cosineSchedule } from '../nn/optimiser'
import type { Session } from '../runtime/session'
import { float32, type Tensor } from '../tensor/tensor'
import { saveCheckpoint, type EpochRecord, type TrainingState } from './checkpoint'

export interface TrainingPlan {
  session: Session
  epochs: number
  stepsPerEpoch: number
  peakLearningRate: number
  warmUpSteps: number
  /** Outputs of the graph whose mean over an epoch is recorded. */
  metrics: readonly string[]
  /** What the graph is fed at a step, beside state and schedule. */
  feeds(epoch: number, step: number): Promise<Record<string, Tensor>>
  /** Measures after an epoch, on images that are not trained on. */
  validate(weights: Float32Array): Promise<Record<string, number>>
  checkpoint: { path: string; asked: string }
  signal?: AbortSignal
  report(update: { done: number; total: number; message: string }): void
  epochDone(record: EpochRecord): void
}

/** A checkpoint at the end of each epoch, and whenever this long has passed since the last. */
const checkpointMilliseconds = 60_000

const scalar = (value: number): Tensor => float32([], [value])
const first = (t: Tensor | undefined): number => Number(t?.data[0])

/** @throws AssayError `cancelled` (the checkpoint is kept), `runtime-failed` when the loss is no longer a number. */
export async function train(plan: TrainingPlan, start: TrainingState): Promise<TrainingState> {
  const { session, epochs, stepsPerEpoch, checkpoint } = plan
  const total = epochs * stepsPerEpoch
  const state: TrainingState = { ...start, history: [...start.history], running: { ...start.running } }
  const vector = (data: Float32Array) => float32([data.length], data)
  let saved = Date.now()
  const save = async () => {
    await saveCheckpoint(checkpoint.path, state, checkpoint.asked)
    saved = Date.now()
  }

  while (state.step < total) {
    if (plan.signal?.aborted) {
      await save()
      throw new AssayError('cancelled', 'Cancelled; start again with --resume to go on from here.')
    }
    const epoch = Math.floor(state.step / stepsPerEpoch)
    const stepInEpoch = state.step % stepsPerEpoch
    const rate = cosineSchedule(plan.peakLearningRate, state.step, total, plan.warmUpSteps)
    const [learningRate, correction1, correction2] = adamWSchedule(rate, state.step + 1)
    const results = await session.run({
      weights: vector(state.weights),
      firstMoment: vector(state.firstMoment),
      secondMoment: vector(state.secondMoment),
      learningRate: scalar(learningRate),
      correction1: scalar(correction1),
      correction2: scalar(correction2),
      ...(await plan.feeds(epoch, stepInEpoch)),
    })
    const loss = first(results.loss)
    if (!Number.isFinite(loss))
      throw new AssayError('runtime-failed', `The loss stopped being a number in epoch ${epoch + 1}; train again with a smaller learning rate.`, { epoch: epoch + 1 })
    state.weights = results.nextWeights!.data as Float32Array
    state.firstMoment = results.nextFirstMoment!.data as Float32Array
    state.secondMoment = results.nextSecondMoment!.data as Float32Array
    state.step++
    for (const name of plan.metrics) state.running[name] = (state.running[name] ?? 0) + first(results[name]) / stepsPerEpoch
    plan.report({ done: state.step, total, message: `epoch ${epoch + 1} of ${epochs}, loss ${loss.toFixed(4)}` })

    if (state.step % stepsPerEpoch === 0) {
      const record: EpochRecord = { epoch: epoch + 1, learningRate: rate, ...state.running, ...(await plan.validate(state.weights)) }
      state.history.push(record)
      state.running = {}
      plan.epochDone(record)
      await save()
    } else if (Date.now() - saved > checkpointMilliseconds) await save()
  }
  return state
}
