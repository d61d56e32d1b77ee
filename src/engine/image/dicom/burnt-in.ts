/**
 * Whether the pixels of an image may carry text that tells of a person. No profile of attributes removes that.
 */
import { loadDictionary } from './dictionary'
import { plainText, readFileElements } from './file-elements'

/** Modalities whose images are screens rather than measurements: ultrasound, endoscopy, captures, documents. */
const oftenBurntIn = new Set(['DOC', 'ES', 'OT', 'SC', 'US', 'IVUS', 'XC'])
const secondaryCaptures = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.7(\.|$)/

/** @returns why, as the end of a sentence; undefined where nothing points to it, which is no promise */
export async function mayBeBurntIn(file: Uint8Array, name: string): Promise<string | undefined> {
  const { elements, bytes } = readFileElements(file, name, { dictionary: await loadDictionary(), limit: 1_000_000, depth: 64, lenient: true, until: 0x00290000 })
  if (plainText(elements, 0x00280010, bytes) === undefined) return undefined // no pixels
  const said = plainText(elements, 0x00280301, bytes)
  const modality = plainText(elements, 0x00080060, bytes)
  if (said === 'YES') return 'the file says that text is burnt into its pixels'
  if (said === 'NO') return undefined
  if (secondaryCaptures.test(plainText(elements, 0x00080016, bytes) ?? '')) return 'it is a secondary capture, which often shows text'
  return modality !== undefined && oftenBurntIn.has(modality) ? `images of modality ${modality} often show text` : undefined
}
