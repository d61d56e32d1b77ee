/**
 * The training loop, the same for every network: order of the images by the seed, schedule, averaged weights, the best
 * epoch kept, early stopping, checkpoints, learning curves, pause, an early end. Nothing in it is random that is not
 * drawn from the seed, the epoch and the step, so that a run that was killed and resumed on the same provider computes
 * what an uninterrupted one computes.
 */
import { AssayError } from '../../shared/errors'
import { adamWSchedule, cosineSchedule } from '../nn/optimiser'
import type { Feed } from '../runtime/convert'
import { float32, type Tensor } from '../tensor/tensor'
import { saveCheckpoint, type EpochRecord, type TrainingState } from './checkpoint'
import type { TrainingSession } from './training-graph'

export interface TrainingPlan {
  session: TrainingSession
  epochs: number
  stepsPerEpoch: number
  peakLearningRate: number
  schedule: 'cosine' | 'constant'
  warmUpSteps: number
  /** Decay per step of the moving average of the weights; 0 keeps the weights themselves. */
  averaging: number
  /** Ends when this many epochs in a row were no better than the best; undefined goes through all. */
  patience?: number | undefined
  /** Outputs of the graph whose mean over an epoch is recorded. */
  metrics: readonly string[]
  /** What the graph is fed at a step, beside state and schedule; `weights` for attacks on the network as it is. */
  feeds(epoch: number, step: number, weights: Feed): Promise<Record<string, Tensor>>
  /** Measures after an epoch, on images that are not trained on. */
  validate(weights: Float32Array): Promise<Record<string, number>>
  /** By which the best epoch is chosen; larger is better. Of equals the later one is taken. */
  score(record: EpochRecord): number
  checkpoint: { path: string; asked: string }
  signal?: AbortSignal
  /** Ends the training after the step under way, with the best epoch. */
  finish?: AbortSignal | undefined
  report(update: { done: number; total: number; message: string; loss: number }): void
  /** @param state as it is after the epoch; its averaged weights are those that were measured */
  epochDone(record: EpochRecord, state: Readonly<TrainingState>): void | Promise<void>
}

export interface TrainedState extends TrainingState {
  /** Those to keep: the averaged weights of the best epoch. */
  chosen: Float32Array
}

/** A checkpoint at the end of each epoch, and whenever this long has passed since the last. */
const checkpointMilliseconds = 60_000

/**
 * Epoch that was last better than all before it; 0 before the first. Worked out from the curve, since `bestEpoch` moves on
 * where later weights are merely as good, and a training that waits for something better would never end.
 */
function lastImprovement(history: readonly EpochRecord[], score: TrainingPlan['score']): number {
  let best = -Infinity
  let epoch = 0
  for (const record of history) if (score(record) > best) [best, epoch] = [score(record), record.epoch]
  return epoch
}

const scalar = (value: number): Tensor => float32([], [value])
const first = (t: Tensor | undefined): number => Number(t?.data[0])

/** Share of the average that stays at a step; young averages forget faster, or they would remember the start. */
const staying = (decay: number, step: number): number => (decay > 0 ? Math.min(decay, (1 + step) / (10 + step)) : 0)

/** @throws AssayError `cancelled` (the checkpoint is kept), `runtime-failed` when the loss is no longer a number, `invalid-arguments` when it is to end before its first step. */
export async function train(plan: TrainingPlan, start: TrainingState): Promise<TrainedState> {
  const { session, epochs, stepsPerEpoch, checkpoint } = plan
  const total = epochs * stepsPerEpoch
  const state: TrainingState = { ...start, history: [...start.history], running: { ...start.running }, providers: [...new Set([...start.providers, session.provider])] }
  session.write(state)
  const fetchState = async () => Object.assign(state, await session.read())
  let saved = Date.now()
  const save = async () => {
    await fetchState()
    await saveCheckpoint(checkpoint.path, state, checkpoint.asked)
    saved = Date.now()
  }
  const epochOf = (step: number) => Math.floor(step / stepsPerEpoch)
  const patient = () => plan.patience === undefined || state.bestEpoch === 0 || epochOf(state.step) - lastImprovement(state.history, plan.score) < plan.patience

  const closeEpoch = async (rate: number) => {
    await fetchState()
    // An epoch that ends early has the mean of its own steps.
    const cutShort = stepsPerEpoch / (state.step % stepsPerEpoch || stepsPerEpoch)
    const means = Object.fromEntries(Object.entries(state.running).map(([name, sum]) => [name, sum * cutShort]))
    const record: EpochRecord = { epoch: Math.ceil(state.step / stepsPerEpoch), learningRate: rate, ...means, ...(await plan.validate(state.averaged)) }
    state.history.push(record)
    state.running = {}
    const score = plan.score(record)
    if (state.bestEpoch === 0 || score >= state.bestScore) Object.assign(state, { best: state.averaged, bestEpoch: record.epoch, bestScore: score })
    await plan.epochDone(record, state)
  }

  while (state.step < total && patient() && !plan.finish?.aborted) {
    if (plan.signal?.aborted) {
      await save()
      throw new AssayError('cancelled', 'Cancelled; the checkpoint is kept.')
    }
    const epoch = epochOf(state.step)
    const stepInEpoch = state.step % stepsPerEpoch
    const rate = cosineSchedule(plan.peakLearningRate, plan.schedule === 'cosine' ? state.step : Math.min(state.step, plan.warmUpSteps), total, plan.warmUpSteps)
    const [learningRate, correction1, correction2] = adamWSchedule(rate, state.step + 1)
    const results = await session.run({
      learningRate: scalar(learningRate),
      correction1: scalar(correction1),
      correction2: scalar(correction2),
      averaging: scalar(staying(plan.averaging, state.step)),
      ...(await plan.feeds(epoch, stepInEpoch, session.state('weights'))),
    })
    const loss = first(results.loss)
    if (!Number.isFinite(loss))
      throw new AssayError('runtime-failed', `The loss stopped being a number in epoch ${epoch + 1}; train again with a smaller learning rate.`, { epoch: epoch + 1 })
    state.step++
    for (const name of plan.metrics) state.running[name] = (state.running[name] ?? 0) + first(results[name]) / stepsPerEpoch
    plan.report({ done: state.step, total, message: `epoch ${epoch + 1} of ${epochs}, loss ${loss.toFixed(4)}`, loss })

    const whole = state.step % stepsPerEpoch === 0
    if (whole) await closeEpoch(rate)
    if (whole || Date.now() - saved > checkpointMilliseconds) await save()
  }
  if (state.step === 0) throw new AssayError('invalid-arguments', 'Nothing has been learned yet; leave --finish out.')
  // Ended before its first epoch was over: what there is is measured and kept. The checkpoint can still go on to the epoch's end.
  if (state.bestEpoch === 0) {
    await save()
    await closeEpoch(0)
  } else await fetchState()
  return { ...state, chosen: state.best }
}
