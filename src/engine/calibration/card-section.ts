/** What MODEL_CARD.md says of the detector: how it decides in one sentence, and how well each score separates. */
import type { Choice, Combine, Detector, Origins, Separation } from '../../shared/bundle'
import { falseAlarms, usualAlpha } from '../screening/conformal'
import { scoreOf } from '../screening/scores'

const heading = '## Detector'

const share = (value: number): string => `${(100 * value).toFixed(0)} %`
const titles = ({ scores }: Pick<Detector, 'scores'>): string[] => scores.map(({ name }) => `${scoreOf(name).title} (\`${name}\`)`)

const listed = (words: readonly string[]): string => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`)

const ways: Record<Combine, (count: string) => string> = {
  max: (count) => `The larger of ${count} numbers decides`,
  sum: (count) => `The sum of ${count} numbers, each counted from its usual value upwards, decides`,
}

/** "The larger of two numbers decides, each measured against untouched scans: …". */
export function detectorSentence(detector: Pick<Detector, 'scores' | 'combine'>): string {
  const words = titles(detector)
  if (words.length === 1) return `One number decides, measured against untouched scans: ${words[0]!}.`
  const way = words.length > 2 && detector.combine === 'max' ? 'The largest of three numbers decides' : ways[detector.combine](['two', 'three'][words.length - 2] ?? String(words.length))
  return `${way}, each measured against untouched scans: ${listed(words)}.`
}

const row = (name: string, { auc, aucAt2of255, foundAt2of255, found, noise }: Separation): string =>
  `| ${name} | ${aucAt2of255.toFixed(3)} | ${share(foundAt2of255)} | ${auc.toFixed(3)} | ${share(found)} | ${share(noise)} |`

/** " Their files name CR, and devices by SIEMENS."; empty where they name none. */
function originsSentence({ modalities = [], manufacturers = [] }: Partial<Origins>): string {
  const named = [...(modalities.length > 0 ? [listed(modalities)] : []), ...(manufacturers.length > 0 ? [`devices by ${listed(manufacturers)}`] : [])]
  return named.length > 0 ? ` Their files name ${named.join(', and ')}.` : ''
}

/** " At α = 0.05 …", as far as scans like these were met. */
function alarmsSentence(scans: number): string {
  const expected = falseAlarms(scans, usualAlpha)
  const rate = (value: number): string => `${(100 * value).toFixed(1)} %`
  return expected ? ` At α = ${usualAlpha}, ${rate(expected.mean)} of untouched scans like them are flagged on average, ${rate(expected.low)} to ${rate(expected.high)} by the luck of which scans were calibrated on.` : ` At α = ${usualAlpha} so few scans can flag nothing.`
}

/** Figures that a calibration kept were measured on other scans than its own, which the card must not be silent about. */
function chosenOn({ scans, learned, kept, attacks }: Choice): string {
  const on = `${scans} untouched scans, which no p-value${kept ? ' of that one' : ''} rests on${learned ? ' (both networks learned from them, since too few others could be spared)' : ''}, and copies of them under ${listed(attacks)}`
  return kept ? `The scores are those of an earlier calibration (${kept.label}, ${kept.date.slice(0, 10)}), chosen then on ${on}. The figures were not measured on the scans of this calibration.` : `Chosen on ${on}.`
}

/** What a manifest in the making may hold too. */
type Described = Pick<Detector, 'scores' | 'combine' | 'calibration' | 'choice'> & { appearance?: ({ images: number } & Partial<Origins>) | undefined }

/** @returns Markdown from the heading on, with a newline at its end */
export function detectorSection(detector: Described): string {
  const { calibration, choice, appearance } = detector
  const chosen = new Set(detector.scores.map(({ name }) => name))
  const table = choice
    ? `
${chosenOn(choice)} "Found" is at a false-alarm rate of 5 %; noise is random and of the attacks' size.

| score | AUC at 2/255 | found at 2/255 | AUC, all attacks | found, all attacks | noise flagged |
| --- | --- | --- | --- | --- | --- |
${[row('**together**', choice.together), ...choice.candidates.map(({ name, ...separation }) => row(chosen.has(name) ? `**${name}**` : name, separation))].join('\n')}
`
    : ''
  const familiar = appearance ? `\nAn image is called unfamiliar when its tones, borders and structures lie further from those ${appearance.images} scans than about one in a thousand like them.${originsSentence(appearance)}\n` : ''
  return `${heading}

${detectorSentence(detector)} Split-conformal calibration on ${calibration.scores.length} untouched scans (${calibration.data.label}), ${calibration.date.slice(0, 10)}.${alarmsSentence(calibration.scores.length)}
${table}${familiar}`
}

/** A card with its section on the detector written anew; undefined for a card that has none. */
export function withDetectorSection(card: string, detector: Detector): string | undefined {
  const start = card.indexOf(`${heading}\n`)
  if (start < 0) return undefined
  const next = card.indexOf('\n## ', start)
  return card.slice(0, start) + detectorSection(detector) + (next < 0 ? '' : card.slice(next))
}
