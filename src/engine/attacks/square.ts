/**
 * Square: random search by queries alone. A window of the image jumps; it stays where the margin of the true class fell.
 *
 * Source: Andriushchenko, Croce, Flammarion & Hein, "Square Attack: a query-efficient black-box adversarial attack via
 * random search", ECCV 2020. Each image has its own draws. A proposal that would change nothing is drawn again, as the
 * authors' own code does.
 */
import { throwIfAborted } from '../dataset/model-inputs'
import { randomOf, type Attack, type AttackOptions, type AttackRequest, type AttackResult } from './attack'
import { withoutRounding } from './bounds'
import { indicesWhere, marginOf, pick, predictedClasses, put } from './image-lists'
import { logitsProgram } from './programs'
import { proposalsOf, shareAt, type Images, type Window } from './square-proposals'

export interface SquareOptions extends AttackOptions {
  queries: number
  /** Share of the area that the first proposals change. */
  share: number
}

export const queriesParameter = { label: 'Queries', minimum: 1, maximum: 1_000_000, integer: true } as const

export const square: Attack<SquareOptions> = {
  name: 'square',
  title: 'Square',
  norms: ['linf', 'l2'],
  access: 'queries',
  minimumNorm: false,
  random: true,
  reference: 'Andriushchenko, Croce, Flammarion & Hein: Square Attack: a query-efficient black-box adversarial attack via random search. ECCV 2020',
  parameters: { queries: queriesParameter, share: { label: 'First share of the area', minimum: 0.001, maximum: 1, integer: false } },
  defaults: () => ({ queries: 5000, share: 0.8 }),
  cost: ({ queries }) => ({ forward: queries + 1, gradient: 0 }),
  run,
}

async function run(request: AttackRequest<SquareOptions>): Promise<AttackResult> {
  const { model, x, labels, norm, epsilon, options, signal } = request
  const { pixels, classes } = model
  const shape = model.target.imageShape
  const program = logitsProgram(model)
  const ask = async (images: Float32Array) => (await program.run({ x: model.images(images) }))['logits']!.data as Float32Array
  throwIfAborted(signal)
  const predicted = predictedClasses(await ask(x), classes)
  const adversarial = x.slice()
  const queries = new Int32Array(labels.length)
  let active = indicesWhere(labels.length, (image) => predicted[image] === labels[image])
  const draws = Array.from(labels, (_, image) => randomOf(request, image, 'square'))
  const proposals = proposalsOf(norm, shape, epsilon)
  const margins = new Float64Array(labels.length).fill(Infinity)
  const windows: (readonly Window[])[] = []
  const everything: readonly Window[] = [{ top: 0, left: 0, height: shape[1], width: shape[2] }]
  const own = pick(x, active, pixels)
  let images: Images = { x: own, current: own.slice(), proposed: own.slice() }

  for (let query = 0; query < options.queries && active.length; query++) {
    throwIfAborted(signal)
    active.forEach((image, row) => {
      if (query > 0) windows[row] = proposals.propose(images, row * pixels, shareAt(query, options.queries, options.share), draws[image]!)
      else {
        proposals.begin(images, row * pixels, draws[image]!)
        windows[row] = everything
      }
    })
    const logits = await ask(images.proposed)
    const answers = predictedClasses(logits, classes)
    let broken = false
    active.forEach((image, row) => {
      queries[image]!++
      const margin = marginOf(logits, row, labels[image]!, classes)
      const wrong = answers[row] !== labels[image] && !Number.isNaN(margin)
      const better = wrong || margin < margins[image]!
      if (better) margins[image] = margin
      const [to, from] = better ? [images.current, images.proposed] : [images.proposed, images.current]
      for (const window of windows[row]!) copyWindow(to, from, row * pixels, shape, window)
      if (!wrong) return
      margins[image] = -Infinity
      put(adversarial, image, images.current, row, pixels)
      broken = true
    })
    if (broken) {
      const rows = indicesWhere(active.length, (row) => margins[active[row]!]! > -Infinity)
      active = rows.map((row) => active[row]!)
      images = { x: pick(images.x, rows, pixels), current: pick(images.current, rows, pixels), proposed: pick(images.proposed, rows, pixels) }
    }
    if (query % 16 === 0) request.progress?.((query + 1) / options.queries)
  }
  active.forEach((image, row) => put(adversarial, image, images.current, row, pixels))
  withoutRounding(x, adversarial, labels.length, norm, epsilon)
  request.progress?.(1)
  return { adversarial, queries }
}

function copyWindow(to: Float32Array, from: Float32Array, at: number, [channels, height, width]: readonly [number, number, number], window: Window): void {
  for (let c = 0; c < channels; c++)
    for (let row = window.top; row < window.top + window.height; row++) {
      const start = at + (c * height + row) * width + window.left
      for (let i = start; i < start + window.width; i++) to[i] = from[i]!
    }
}
