/**
 * What a model does to its input before anything else. Exporters of some frameworks take the scaling of the pixels along
 * (a Rescaling layer, a Sub and a Div at the beginning); then the file itself says which range it wants.
 */
import type { OnnxModel } from '../onnx/model'
import { toNumbers } from '../tensor/tensor'

export interface InputScaling {
  /** The first other operator sees scale × x + offset, averaged over channels. */
  scale: number
  offset: number
}

const passing = new Set(['Identity', 'Cast', 'Transpose'])
/** Longest chain that is followed; a scaling has two or three nodes. */
const most = 12

/** Null where the model begins with something else. */
export function inputScaling({ graph }: OnnxModel): InputScaling | null {
  const known = new Map(graph.initializers)
  for (const { op, outputs, attributes } of graph.nodes) if (op === 'Constant' && attributes.value?.type === 'tensor') known.set(outputs[0]!, attributes.value.value)
  const mean = (name: string): number | null => {
    const data = known.get(name)
    // A kernel or a table is no scaling: at most one number per channel.
    if (!data || data.data.length > 3 || data.data.length === 0) return null
    const numbers = toNumbers(data)
    return numbers.reduce((sum, value) => sum + value, 0) / numbers.length
  }
  let name = graph.inputs.find((input) => !graph.initializers.has(input.name))?.name
  const found: InputScaling = { scale: 1, offset: 0 }
  let scaled = false
  for (let steps = 0; steps < most; steps++) {
    const consumers = graph.nodes.filter(({ inputs }) => inputs.includes(name!))
    const [node] = consumers
    if (!node || consumers.length > 1) break
    if (!passing.has(node.op)) {
      const side = node.inputs.indexOf(name!)
      const value = node.inputs.length === 2 ? mean(node.inputs[1 - side]!) : null
      if (value === null) break
      if (node.op === 'Mul') [found.scale, found.offset] = [found.scale * value, found.offset * value]
      else if (node.op === 'Add') found.offset += value
      else if (node.op === 'Div' && side === 0 && value !== 0) [found.scale, found.offset] = [found.scale / value, found.offset / value]
      else if (node.op === 'Sub' && side === 0) found.offset -= value
      else break
      scaled = true
    }
    name = node.outputs[0]
  }
  return scaled ? found : null
}

const farBeyondOne = 10

/** Mean and standard deviation, of values in [0, 1], that lead to the range that the model takes. @returns `known` false where the file does not say */
export function rangeOf(model: OnnxModel): { mean: number[]; std: number[]; known: boolean; hint: string } {
  const scaling = inputScaling(model)
  const bytes = (begins: string) => ({ mean: [0], std: [1 / 255], known: true, hint: `The model begins by ${begins}: it takes values from 0 to 255.` })
  // 1/255, 1/127.5, or 1/255 divided by a standard deviation: all far below what values in [0, 1] are multiplied with.
  if (scaling && scaling.scale > 0 && scaling.scale < 0.05) return bytes('dividing its input')
  // Means of some 120 are taken from values that lie around them, whatever these are divided by.
  if (scaling && scaling.scale > 0 && -scaling.offset / scaling.scale > farBeyondOne) return bytes('subtracting a mean far above 1 from its input')
  if (scaling) return { mean: [0], std: [1], known: true, hint: 'The model normalises its input itself: values from 0 to 1 are assumed.' }
  return { mean: [0], std: [1], known: false, hint: 'Nothing in the file says which range of values it takes: 0 to 1 is assumed.' }
}
