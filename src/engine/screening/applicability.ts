/**
 * Whether a bundle is meant for a file at all. A p-value compares a scan with scans of one kind; of another kind it says
 * nothing, and a quiet "no perturbation found" would mislead.
 */
import type { BundleManifest } from '../../shared/bundle'
import { sameKind } from '../../shared/modalities'
import type { DecodedImage } from '../image/decoded-image'
import { makerOf } from './origins'

/** Modalities whose images are projections or photographs, never slices. */
const flat = new Set(['CR', 'DX', 'RG', 'XR', 'MG', 'OP', 'XC', 'ES', 'GM', 'SM'])

/** One sentence when file and bundle are of different kinds; undefined when they agree or one does not say. */
export function modalityWarning(image: Pick<DecodedImage, 'format' | 'modality' | 'samples'>, { input, modality, name }: Pick<BundleManifest, 'input' | 'modality' | 'name'>): string | undefined {
  const [declared, expected] = [image.modality?.toUpperCase() ?? '', modality.toUpperCase()]
  if (sameKind(declared, expected) === false)
    return `This file says it is ${declared} and ${name} was made for ${expected}: the verdict may mean nothing.`
  if (image.format === 'nifti' && flat.has(expected)) return `This is a slice of a volume and ${name} was made for ${expected}: the verdict may mean nothing.`
  if (image.samples === 3 && input.channels === 1) return `This is a colour picture and ${name} was made for grey ones: the verdict may mean nothing.`
  return undefined
}

/** One sentence when a file comes from a device whose maker none of the calibration's files names; undefined when it does or nobody says. */
export function deviceWarning(image: Pick<DecodedImage, 'manufacturer'>, { detector, name }: Pick<BundleManifest, 'detector' | 'name'>): string | undefined {
  const maker = makerOf(image)
  const known = detector?.appearance?.manufacturers ?? []
  if (maker === undefined || known.length === 0 || known.includes(maker)) return undefined
  return `This file comes from a device by ${image.manufacturer!.trim()}, and ${name} was calibrated on devices by ${known.join(', ')}: the verdict may mean less.`
}
