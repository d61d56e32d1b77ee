/** What whoever attacks a classifier that answers with probabilities has to know. */
import type { AuditWarning } from '../../shared/audit'
import type { LoadedBundle } from '../bundle/load'
import { finalActivation } from '../onnx/final-activation'
import { readModel } from '../onnx/reader'
import { bareClassifier } from './target'

/** Gradients of probabilities vanish where the model is sure. */
export function onProbabilities({ classifier, manifest }: Pick<LoadedBundle, 'classifier' | 'manifest'>): AuditWarning[] {
  const model = readModel(classifier)
  const { output } = bareClassifier(model, manifest)
  const activation = finalActivation(model)
  const warn = (message: string): AuditWarning[] => [{ code: 'probability-output', message: `The classifier of ${manifest.id} answers with probabilities. ${message}` }]
  if (output !== 'logits')
    return warn(
      `Attacks by gradients may fail here though the model is not robust: no last Softmax or Sigmoid was found to take off, and where a probability is rounded to 0 or 1 it has no gradient. Attacks were given ${output === 'softmax' ? 'the logarithms' : 'the log-odds'} of the probabilities. Export the classifier with its logits as output, or trust attacks by answers, such as square.`,
    )
  // The logarithm of a softmax has the gradients of logits.
  return activation && activation !== 'LogSoftmax' ? warn(`Their gradients vanish where it is sure, so the last ${activation} was taken off and the attacks were given what stands before it.`) : []
}
