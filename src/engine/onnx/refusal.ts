/** Errors about an operator of a foreign model: they name node, operator, domain and operator set, and what still works. */
import { AssayError, type AssayErrorCode } from '../../shared/errors'

/** Where a node of a built graph came from. */
export interface Origin {
  /** The node's name in the foreign model. */
  readonly node: string
  readonly operator: string
  /** '' is ONNX's own operator set. */
  readonly domain: string
  /** Version of the operator set that the node is written in. */
  readonly opset: number
}

const standard = 'ai.onnx'

/** What is left to somebody whose model has no gradient. */
export const offer = 'black-box attacks still work, since they need its answers alone (assay audit --threat blackbox --attacks square,spsa)'

/** `trouble` continues the sentence “The model's node … uses the operator … ,”. */
export function refusal(code: AssayErrorCode, origin: Origin, trouble: string, cause?: unknown): AssayError {
  const { node, operator, opset } = origin
  const domain = origin.domain || standard
  return new AssayError(
    code,
    `The model's node ${node} uses the operator ${operator} (${domain}, operator set ${opset}), ${trouble}; ${offer}.`,
    { node, operator, domain, opset },
    cause === undefined ? undefined : { cause },
  )
}

/** The same of a node of a built graph, which may have been written for a foreign one. */
export function nodeRefusal(code: AssayErrorCode, node: { name: string; op: string; origin?: Origin }, trouble: string): AssayError {
  if (node.origin) return refusal(code, node.origin, trouble)
  return new AssayError(code, `The node ${node.name} uses the operator ${node.op}, ${trouble}; ${offer}.`, { node: node.name, operator: node.op })
}
