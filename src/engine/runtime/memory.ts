/**
 * How much memory a graph needs while it runs, from the shapes and lifetimes of its values, and how large a batch may be
 * to stay within what there is. A backward graph keeps every activation until its gradient is computed, so that a large
 * model on a small machine is attacked in smaller batches instead of bringing the machine down.
 */
import { totalmem } from 'node:os'
import type { GraphBuilder, Value } from '../onnx/builder'
import { bytesPerElement, sizeOf } from '../tensor/tensor'

/** Their output is their input's memory under another shape. */
const views = new Set(['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Dropout'])

const bytesOf = (v: Pick<Value, 'shape' | 'dtype'>): number => sizeOf(v.shape) * bytesPerElement(v.dtype)

/**
 * Bytes that the graph's tensors take at the worst moment of a run, when its nodes run in the order in which they were
 * built: constants, inputs and outputs all the time, other values from the node that makes them to the last that reads
 * them. ONNX Runtime orders nodes in its own way, rearranges layouts and gives operators scratch space: what a run takes
 * beside the constants was measured at 1.3 to 1.6 times as much for gradients of well-known classifiers.
 */
export function peakMemory(g: GraphBuilder): number {
  const { nodes, constants, inputs, outputs } = g.needed()
  const owners = new Map<Value, Value>()
  const ownerOf = (v: Value): Value => owners.get(v) ?? v
  const lastUse = new Map<Value, number>()
  nodes.forEach((node, i) => {
    if (views.has(node.op)) owners.set(node.outputs[0]!, ownerOf(node.inputs[0]!))
    for (const v of node.inputs) if (v) lastUse.set(ownerOf(v), i)
    for (const v of node.outputs) if (!lastUse.has(ownerOf(v))) lastUse.set(ownerOf(v), i)
  })
  const always = new Set([...constants.keys(), ...inputs, ...outputs.map(ownerOf)])
  const standing = [...always].reduce((sum, v) => sum + bytesOf(v), 0)
  const ending = new Map<number, Value[]>()
  for (const [v, i] of lastUse) if (!always.has(v)) ending.set(i, [...(ending.get(i) ?? []), v])
  let live = standing
  let peak = standing
  nodes.forEach((node, i) => {
    for (const v of node.outputs) if (!owners.has(v) && !always.has(v)) live += bytesOf(v)
    peak = Math.max(peak, live)
    for (const v of ending.get(i) ?? []) live -= bytesOf(v)
  })
  return peak
}

/**
 * What a graph may take when nobody says otherwise, in bytes: half of the memory that is available to this process, but
 * never less than an eighth of all there is, since some systems count as taken what they would give back.
 */
export function memoryBudget(): number {
  const limit = process.constrainedMemory()
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem()
  return Math.max(process.availableMemory() / 2, total / 8)
}

/**
 * The largest batch size up to `wanted` whose graph stays within the budget, and 1 where not even one image does: there
 * is nothing left to split then.
 * @param budget bytes; see `memoryBudget`
 * @param build the graph for a batch size. Called a few times, with `wanted` first; the graphs are thrown away.
 */
export function batchWithin(budget: number, wanted: number, build: (batch: number) => GraphBuilder): number {
  const most = peakMemory(build(wanted))
  if (most <= budget || wanted <= 1) return wanted
  const least = peakMemory(build(1))
  // All but the constants grows with the batch, so that a straight line finds the size, or one close above.
  const perImage = (most - least) / (wanted - 1)
  let batch = Math.max(1, Math.min(wanted - 1, 1 + Math.floor((budget - least) / perImage)))
  while (batch > 1 && peakMemory(build(batch)) > budget) batch--
  return batch
}
