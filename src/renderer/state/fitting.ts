/** Bundles that were made for the kind of a scan, where the one that it was screened with was not. */
import { sameKind } from '../../shared/modalities'
import type { BundleSummary, Sample, ScreenedView } from '../../shared/types'
import { canUse } from './session'

/** Those worth offering; bundles of the samples are for phantoms. */
export function fittingBundles({ modality, bundle }: Pick<ScreenedView, 'modality'> & { bundle: Pick<ScreenedView['bundle'], 'id'> }, bundles: readonly BundleSummary[], samples: readonly Pick<Sample, 'bundleId'>[]): BundleSummary[] {
  const used = bundles.find(({ id }) => id === bundle.id)
  if (!used || sameKind(modality, used.modality) !== false) return []
  return bundles.filter((each) => canUse(each) && sameKind(modality, each.modality) === true && !samples.some(({ bundleId }) => bundleId === each.id))
}
