/** What the audit does not show, how to check it, what the words mean, and where to sign. */
import type { AuditReport } from '../../../shared/audit'
import type { Block } from '../document'

const glossary: readonly { term: string; value: string; needs?: (report: AuditReport) => boolean }[] = [
  { term: 'Attack', value: 'A way of changing an image slightly so that the classifier gives a wrong answer.' },
  { term: 'Largest change (ε)', value: 'How far an attack may change an image. Values run from 0 (black) to 1 (white), and a picture of 8 bits has 255 steps between, so 2/255 is two of them.' },
  { term: 'L∞', value: 'Size of a change as its largest change of any single value.' },
  { term: 'L2', value: 'Size of a change as the root of the sum of all squared changes, over the whole image.' },
  { term: 'Robust accuracy', value: 'Share of all images that are answered right untouched and stay right under the attack.' },
  { term: 'Worst case', value: 'An image counts as right only if none of the attacks made it wrong.' },
  { term: '95 % interval', value: 'With as few images, the true share can lie anywhere in it (Wilson score interval).' },
  { term: 'Purifier', value: 'A network before the classifier that is meant to remove what an attack added.', needs: ({ model }) => model.purifier !== null },
  { term: 'Detector', value: 'Compares an image with its purified version and flags it when it looks less usual than the share α of untouched scans.', needs: ({ falseAlarms }) => falseAlarms !== null },
  { term: 'AUC of detection', value: 'Probability that an attacked image looks more suspicious than an untouched one: 0.5 is chance, 1 always.', needs: ({ falseAlarms }) => falseAlarms !== null },
  { term: 'False alarm', value: 'An untouched image that the detector flags.', needs: ({ falseAlarms }) => falseAlarms !== null },
  { term: 'Masked gradients', value: 'Gradients that lead an attack nowhere although images can be made wrong. A model then looks robust and is not.' },
  { term: 'Guessing', value: 'The accuracy of drawing a class by lot: one divided by the number of classes.' },
  { term: 'Query', value: 'One image given to the model for its answer.', needs: ({ runs }) => runs.some(({ medianQueries }) => medianQueries !== null) },
]

export function closingOf(report: AuditReport): Block[] {
  return [
    { kind: 'heading', level: 1, text: 'What this audit does not show', id: 'limits' },
    { kind: 'list', items: report.limits },
    { kind: 'heading', level: 1, text: 'How to check it', id: 'recompute' },
    {
      kind: 'list',
      items: [
        'results.jsonl has one line for every image and every attack on it; all numbers of this report are computed from these lines alone. docs/AUDIT.md describes the lines and the formulas.',
        'job.json says what was asked, with the hashes of the models and of the data. The same models, data, seed, version and provider give the same lines.',
        'audit.json has the numbers of this report for programs, results.csv the lines for a spreadsheet.',
        'The folders clean/ and adversarial/, where they were kept, hold the images as NumPy arrays (.npz), so that every adversarial example can be tried on the model with other software.',
      ],
    },
    { kind: 'heading', level: 1, text: 'Words', id: 'words' },
    { kind: 'facts', wide: true, items: glossary.filter(({ needs }) => needs?.(report) ?? true).map(({ term, value }) => ({ term, value })) },
    { kind: 'signature', fields: ['Audited by', 'Place and date', 'Signature'] },
  ]
}
