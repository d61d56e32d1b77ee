/** MODEL_CARD.md: what a bundle is for, how it was made, what it does and where it ends, from the manifest alone. */
import { researchUseOnly } from '../../shared/notice'
import type { ManifestDraft } from '../bundle/write'
import { detectorSection } from '../calibration/card-section'

/** What a manifest tells of the training of one network. */
export interface TrainedPart {
  settings?: Record<string, unknown>
  paths?: Record<string, string>
  data?: { images?: number; validationImages?: number; sha256?: string; warnings?: string[] }
  parameters?: number
  /** Those of them that were learned, where layers stayed as they were. */
  learned?: number
  validation?: Record<string, number>
  test?: Record<string, number>
  version?: string
  providers?: string[]
  began?: Beginning
}

/** The network that another began with. Its record goes along: what it saw is in the new weights too. */
export interface Beginning {
  /** Id of its bundle. */
  bundle: string
  name: string
  /** Of its ONNX file. */
  sha256: string
  /** Data and licence, as its bundle told them. */
  about?: string
  training?: TrainedPart
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** `pgd10At4of255Purified` → `PGD-10 at 4/255, purified`. */
function metricName(name: string): string {
  const attacked = /^(adaptiveP|p)gd(\d+)At(\d+)of255(Purified)?$/.exec(name)
  if (attacked) {
    const [, knowing, steps, k, throughPurifier] = attacked
    const attack = `PGD-${steps} at ${k}/255`
    return knowing === 'p' ? `${attack}, ${throughPurifier ? 'through the purifier' : 'bare classifier'}` : `${attack} by an attacker who knows the purifier too (on at most 96 images)`
  }
  const words = name.replace('Purified', '').replace(/([A-Z])/g, ' $1').toLowerCase()
  return `${words}${name.endsWith('Purified') ? ', through the purifier' : ', bare classifier'} (clean)`
}

/** Settings whose flag has a shorter name, and are written as k/255. */
const fractions: Record<string, string> = { epsilon: 'eps', adaptiveEpsilon: 'adaptive-eps', adversarialEpsilon: 'adversarial-eps' }

const flagOf = (name: string): string => `--${name.replace(/([A-Z])/g, '-$1').toLowerCase()}`

/** One setting as on the command line; nothing for what was not asked for. */
function option(name: string, value: unknown): string[] {
  if (value === undefined || value === '' || value === false) return []
  if (value === true) return [flagOf(name)]
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, each]) => option(name, `${key}=${each}`))
  if (fractions[name]) return value === 0 ? [] : [`--${fractions[name]} ${Number((255 * Number(value)).toFixed(6))}/255`]
  return [`${flagOf(name)} ${typeof value === 'string' && /\s/.test(value) ? JSON.stringify(value) : String(value)}`]
}

/** The command that made this part, with every setting spelled out. */
function command(kind: 'classifier' | 'purifier', id: string, part: TrainedPart): string {
  const where = kind === 'classifier' || part.paths?.bundle ? `--out models/${id}` : `--bundle models/${id}`
  return ['npx assay train', kind, where, ...Object.entries({ ...part.paths, ...part.settings }).flatMap(([name, value]) => option(name, value))].join(' ')
}

/** Attacks lead away from the true answer, whatever the classifier says of the image as it is. */
const moreThanClean = 'More are right under an attack than without: attacks lead away from the true answer, so an image that is wrong without one may come out right. An audit counts such images as wrong.'

/** Whether an attack left more right than there were without it, behind the purifier or bare. */
const helpedByAttacks = (results: Record<string, number>): boolean =>
  Object.entries(results).some(([name, value]) => /pgd/i.test(name) && value > (results[name.endsWith('Purified') ? 'accuracyPurified' : 'accuracy'] ?? 1))

function table(title: string, results: Record<string, number> | undefined): string {
  if (!results) return ''
  const rows = Object.entries(results).map(([name, value]) => `| ${metricName(name)} | ${percent(value)} |`)
  return `\n${title}\n\n| accuracy | |\n| --- | --- |\n${rows.join('\n')}\n${helpedByAttacks(results) ? `\n${moreThanClean}\n` : ''}`
}

/** What the check of the images said before the training. */
const warned = (warnings: readonly string[] = []): string => (warnings.length > 0 ? `\n\nThe check of these images warned:\n\n${warnings.map((sentence) => `- ${sentence}`).join('\n')}` : '')

const purifierLosses: Record<string, string> = {
  siamese: 'trained as Siamese twins on a clean image and its attacked copy',
  hgd: "guided by the classifier's logits (HGD)",
  dae: 'trained on reconstruction alone',
}

/** What the network began with, and what that one began with. */
function beginnings(part: TrainedPart | undefined): Beginning[] {
  return part?.began ? [part.began, ...beginnings(part.began.training)] : []
}

function begun(kind: 'classifier' | 'purifier', part: TrainedPart): string {
  return beginnings(part)
    .map(({ bundle, name, sha256, training }) => {
      const made = training ? `, which learned on ${training.data?.images ?? '?'} images:\n\n\`\`\`\n${command(kind, bundle, training)}\n\`\`\`` : '; nothing is known of how it was trained.'
      return `\nBegan with the ${kind} of ${name} (SHA-256 \`${sha256}\`)${made}\n`
    })
    .join('')
}

/** Ours: from scratch, or learned on from one that is. */
function isOurs({ settings, began }: TrainedPart): boolean {
  // Before bundles told what their networks began with, the settings did.
  if (!began) return settings?.from === undefined
  return began.training !== undefined && isOurs(began.training)
}

function classifierTitle(part: TrainedPart): string {
  const from = part.began?.name ?? part.settings?.from
  const words = [...(isOurs(part) ? ['a normaliser-free residual network'] : []), ...(from === undefined ? [] : [`learned on from that of ${String(from)}`])]
  return `Classifier: ${words.join(', ')}`
}

const counted = ({ parameters, learned }: TrainedPart): string => `${learned === undefined ? '' : `${learned.toLocaleString('en')} of `}${parameters?.toLocaleString('en') ?? '?'} parameters`

/** Data and licence of the bundle, and of all that its networks began with. */
function dataSection(about: string | undefined, parts: readonly (TrainedPart | undefined)[]): string {
  const texts = new Map(about ? [[about, '']] : [])
  for (const { name, about: theirs } of parts.flatMap(beginnings)) if (theirs && !texts.has(theirs)) texts.set(theirs, `### Learned from before: ${name}\n\n`)
  return texts.size > 0 ? `\n## Data and licence\n\n${[...texts].map(([text, title]) => title + text).join('\n\n')}\n` : ''
}

function section(kind: 'classifier' | 'purifier', id: string, part: TrainedPart | undefined): string {
  if (!part) return ''
  const what = kind === 'classifier' ? classifierTitle(part) : `Purifier: a denoising autoencoder, ${purifierLosses[String(part.settings?.loss)] ?? 'loss not stated'}`
  return `
## ${what}

${counted(part)}, trained by Assay ${part.version ?? ''}${part.providers?.length ? ` (${part.providers.join(', then ')})` : ''} on ${part.data?.images ?? '?'} images, measured during training on ${part.data?.validationImages ?? '?'} others (whole patients where the data names them). Hash of the pixels and labels: \`${part.data?.sha256 ?? '?'}\`.${warned(part.data?.warnings)}

\`\`\`
${command(kind, id, part)}
\`\`\`
${begun(kind, part)}${table('On the validation part, which choices may have been made on:', part.validation)}${table('On the test images, which training looks at only to measure:', part.test)}`
}

export function modelCard(draft: ManifestDraft): string {
  const training = (draft.training ?? {}) as { classifier?: TrainedPart; purifier?: TrainedPart; about?: string }
  const { id, input, detector } = draft
  const calibration = detector ? `\n${detectorSection(detector)}` : ''
  return `# ${draft.name}

**${researchUseOnly}**

${draft.description ? `${draft.description}\n\n` : ''}Modality: ${draft.modality || 'not stated'}. Body part: ${draft.bodyPart || 'not stated'}. Classes: ${draft.classes.join(', ')}. Input: ${input.width} × ${input.height}, ${input.channels === 1 ? 'grey' : 'colour'}, values in [0, 1].
${dataSection(training.about, [training.classifier, training.purifier])}${section('classifier', id, training.classifier)}${section('purifier', id, training.purifier)}${calibration}
## Limits

- The method follows the abstract of Shim & Jo, "Siamese Denoising Autoencoders for Enhancing Adversarial Robustness in Medical Image Analysis" (IEEE Access 13, 2025, doi:10.1109/ACCESS.2025.3570898); architecture and losses are a reconstruction.
- Where nothing else is said, the figures under attack are for an attacker who knows the classifier and not the purifier. The rows for one who knows both are what to expect when the purifier is public.
- "No perturbation found" does not mean that an image is fine or that a patient is healthy.
- The calibration speaks of scans like those it was made on. Calibrate again on local scans (\`assay calibrate\`) before relying on p-values.
`
}
