/**
 * Carlini and Wagner's attack: the smallest L2 change is sought by Adam, in a space whose every point is an image, on
 * the sum of the squared distance and c times what is missing to a wrong answer; c is searched for.
 *
 * Every image goes its own way: it has its own c, its own step of Adam, and ends a search when its own loss stops
 * falling, or when its own answer does not move fast enough to turn. All state is one row per image, so that images in
 * different searches share a batch, and one that is done gives its row to the next.
 */
import { throwIfAborted } from '../dataset/model-inputs'
import { margin } from '../nn/losses'
import type { Value } from '../onnx/builder'
import { add, div, maximum, mul, reduceSum, reshape, sigmoid, sqrt, square, sub } from '../onnx/ops'
import type { Attack, AttackOptions } from './attack'
import type { CompiledTarget, Program } from './compiled-target'
import { indicesWhere, pick } from './image-lists'
import { imageInput, labelsTensor, perImage, perImageInput, predict, usableGradient } from './programs'
import { forwardOf } from './target'

interface CarliniWagnerOptions extends AttackOptions {
  searches: number
  /** Of Adam, for each c. */
  steps: number
  learningRate: number
  initialC: number
  /** By how much the wrong class's logit must lead. */
  confidence: number
}

const [beta1, beta2, adamEpsilon] = [0.9, 0.999, 1e-8]

/**
 * Pixels that are exactly 0 or 1 lie at infinity in tanh space, and next to it Adam would take hundreds of steps to
 * bring them back; the black border of a scan would be out of the attack's reach. They begin this far inside. The
 * distance is measured to the image as it is.
 */
const nudge = 1e-3

/**
 * The steps of a search are looked at in windows: a fortieth of them, or as many as Adam needs to show a direction. After
 * two, by which Adam has recovered from its first steps, a search ends when its loss has not fallen by a thousandth for
 * a window. (The authors look at every tenth of the steps, and go on after a ten-thousandth.) It also ends when it has
 * not fooled yet and its gap closes ever more slowly, at a pace that would not do in the steps that are left. That is
 * how most searches go, whose c is too small; their loss can creep on for long, as pixels return to the black of a scan.
 */
const progressOfLoss = 1e-3
const leastWindow = 25

/** w = atanh(0.999999 (2x − 1)), kept away from the ends. What is kept is 2w, of which the image is the sigmoid: (tanh w + 1)/2. */
const toTanhSpace = (x: number): number => 2 * Math.atanh(Math.min(1 - 2 * nudge, Math.max(2 * nudge - 1, 0.999999 * (2 * x - 1))))

/**
 * What Adam's step is made of, beside its sums: w moves by −rate · m / (√v + floor). The sums m of gradients and v of
 * squares are taken as they come, 1 − β and the bias corrections being numbers; so is the scale of the gradients, which
 * are a quarter of the loss's by w.
 */
function adamNumbers(step: number, learningRate: number): { rate: number; floor: number } {
  const [ofM, ofV] = [(1 - beta1) / (1 - beta1 ** (step + 1)), Math.sqrt((1 - beta2) / (1 - beta2 ** (step + 1)))]
  return { rate: (2 * learningRate * ofM) / ofV, floor: adamEpsilon / 4 / ofV }
}

/**
 * One step of Adam: inputs `x`, and in tanh space `w` (doubled), `m`, `v`; `labels`, and one per image `c`, `confidence`,
 * `rate` and `floor`. Outputs `image`, its `gap` (negative where it fools), `distance` (squared) and `loss` [n], all at
 * `w`; `nextW`, `nextM`, `nextV`.
 */
const adamStep = (model: CompiledTarget): Program =>
  model.program('cw step', (g, batch) => {
    const [x, w, m, v] = ['x', 'w', 'm', 'v'].map((name) => imageInput(g, model.target, name, batch)) as [Value, Value, Value, Value]
    const labels = g.input('labels', [batch], 'int64')
    const [c, confidence, rate, floor] = ['c', 'confidence', 'rate', 'floor'].map((name) => perImageInput(g, name, batch)) as [Value, Value, Value, Value]
    const image = sigmoid(g, w)
    const { logits, by } = forwardOf(model.target, g, image)
    const gap = add(g, margin(g, logits, labels), reshape(g, confidence, [batch]))
    const missing = mul(g, maximum(g, gap, 0), reshape(g, c, [batch]))
    const change = sub(g, image, x)
    const distance = reduceSum(g, square(g, change), [1, 2, 3])
    // Half the loss's gradient. By way of the image, so that a stand-in for its gradient (BPDA) is taken up too.
    const { dx } = usableGradient(g, mul(g, missing, 0.5), by)
    const dw = mul(g, add(g, dx, change), mul(g, image, sub(g, 1, image)))
    const nextM = add(g, mul(g, m, beta1), dw)
    const nextV = add(g, mul(g, v, beta2), square(g, dw))
    const step = div(g, nextM, add(g, sqrt(g, nextV), floor))
    for (const [name, value] of Object.entries({ image, gap, distance, loss: add(g, distance, missing), nextW: sub(g, w, mul(g, step, rate)), nextM, nextV })) g.output(name, value)
  })

/** Where one image is in its search. */
interface Search {
  readonly image: number
  c: number
  /** Largest c that failed, smallest that succeeded. */
  lower: number
  upper: number
  done: number
  /** Steps of Adam at this c. */
  step: number
  found: boolean
  /** A loss that counted as progress, and the step that it was reached in. */
  lowest: number
  lowestAt: number
  /** Smallest gap in this window, the one before it, and by how much that one was smaller than the one before it. */
  gap: number
  gapBefore: number
  closed: number
  /** Squared distance of the best so far. */
  best: number
}

/** Adam at its beginning. */
const fresh = { step: 0, found: false, lowest: Infinity, lowestAt: 0, gap: Infinity, gapBefore: Infinity, closed: 0 }

/** Takes in what a step found, and answers whether it was the last of its search. */
function isOver(search: Search, gap: number, loss: number, steps: number): boolean {
  const window = Math.max(leastWindow, Math.ceil(steps / 40))
  if (loss < (1 - progressOfLoss) * search.lowest) Object.assign(search, { lowest: loss, lowestAt: search.step })
  if (search.step === 0) search.gapBefore = gap
  search.gap = Math.min(search.gap, gap)
  search.step++
  let hopeless = false
  if (search.step % window === 0) {
    const closed = search.gapBefore - search.gap
    hopeless = !search.found && closed <= search.closed && search.gap * window > closed * (steps - search.step)
    Object.assign(search, { gapBefore: search.gap, gap: Infinity, closed })
  }
  return search.step >= steps || (search.step >= 2 * window && (hopeless || search.step - search.lowestAt > window))
}

/** The next c: ten times as much until one succeeds, then halfway. */
function concludeSearch(search: Search): void {
  if (search.found) search.upper = search.c
  else search.lower = search.c
  search.c = search.upper === Infinity ? search.c * 10 : (search.lower + search.upper) / 2
  search.done++
  Object.assign(search, fresh)
}

export const cw: Attack<CarliniWagnerOptions> = {
  name: 'cw',
  title: 'CW',
  norms: ['l2'],
  access: 'gradients',
  minimumNorm: true,
  random: false,
  reference: 'Carlini & Wagner: Towards evaluating the robustness of neural networks. IEEE Symposium on Security and Privacy 2017',
  parameters: {
    searches: { label: 'Searches for c', minimum: 1, maximum: 100, integer: true },
    steps: { label: 'Steps per search', minimum: 1, maximum: 100_000, integer: true },
    learningRate: { label: 'Learning rate', minimum: 1e-6, maximum: 10, integer: false },
    initialC: { label: 'First c', minimum: 1e-10, maximum: 1e10, integer: false },
    confidence: { label: 'Confidence (κ)', minimum: 0, maximum: 1000, integer: false },
  },
  defaults: () => ({ searches: 9, steps: 1000, learningRate: 0.01, initialC: 1e-3, confidence: 0 }),
  cost: ({ searches, steps }) => ({ forward: 1, gradient: searches * steps }),
  async run({ model, x: images, labels, options, signal, progress }) {
    const { pixels } = model
    const { searches, steps, learningRate, initialC, confidence } = options
    const adversarial = images.slice()
    throwIfAborted(signal)
    const predicted = await predict(model, images)
    // What is misclassified already needs no change.
    const waiting = indicesWhere(labels.length, (i) => predicted[i] === labels[i])
    const toDo = waiting.length * searches
    const step = adamStep(model)

    let searching: Search[] = []
    const capacity = Math.min(model.batch, waiting.length)
    const empty = (): Float32Array => new Float32Array(capacity * pixels)
    let state = { x: empty(), w: empty(), m: empty(), v: empty() }
    const restart = (row: number, image: number) => {
      const from = images.subarray(image * pixels, (image + 1) * pixels)
      state.x.set(from, row * pixels)
      for (let i = 0; i < pixels; i++) state.w[row * pixels + i] = toTanhSpace(from[i]!)
      for (const moment of [state.m, state.v]) moment.fill(0, row * pixels, (row + 1) * pixels)
    }
    const begin = (row: number): boolean => {
      const image = waiting.shift()
      if (image === undefined) return false
      searching[row] = { image, c: initialC, lower: 0, upper: Infinity, done: 0, best: Infinity, ...fresh }
      restart(row, image)
      return true
    }
    for (let row = 0; row < capacity; row++) begin(row)

    while (searching.length) {
      throwIfAborted(signal)
      const n = searching.length
      const adam = searching.map((search) => adamNumbers(search.step, learningRate))
      const out = await step.run({
        x: model.images(state.x), w: model.images(state.w), m: model.images(state.m), v: model.images(state.v),
        labels: labelsTensor(searching.map(({ image }) => labels[image]!)), c: perImage(searching.map(({ c }) => c)),
        confidence: perImage(searching.map(() => confidence)), rate: perImage(adam.map(({ rate }) => rate)), floor: perImage(adam.map(({ floor }) => floor)),
      })
      const of = (name: string) => out[name]!.data as Float32Array
      const [image, gap, distance, loss] = [of('image'), of('gap'), of('distance'), of('loss')]
      state = { x: state.x, w: of('nextW'), m: of('nextM'), v: of('nextV') }
      const over: number[] = []
      for (const [row, search] of searching.entries()) {
        if (gap[row]! < 0) {
          search.found = true
          if (distance[row]! < search.best) {
            search.best = distance[row]!
            adversarial.set(image.subarray(row * pixels, (row + 1) * pixels), search.image * pixels)
          }
        }
        if (!isOver(search, gap[row]!, loss[row]!, steps)) continue
        concludeSearch(search)
        if (search.done < searches) restart(row, search.image)
        else if (!begin(row)) over.push(row)
      }
      if (over.length) {
        const rows = indicesWhere(n, (row) => !over.includes(row))
        searching = rows.map((row) => searching[row]!)
        state = { x: pick(state.x, rows, pixels), w: pick(state.w, rows, pixels), m: pick(state.m, rows, pixels), v: pick(state.v, rows, pixels) }
      }
      progress?.((toDo - waiting.length * searches - searching.reduce((sum, s) => sum + searches - s.done - s.step / steps, 0)) / toDo)
    }
    progress?.(1)
    return { adversarial }
  },
}
