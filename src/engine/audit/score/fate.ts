/** What became of an image under a run, for who looks at it: the same counting as in the rows, told by image. */
import type { ImageFate, ImageRecord } from '../../../shared/audit'
import type { AuditJob } from '../audit-folder'
import { breaks, evades, isRight, type Counted } from './broken'

/** By the answer that a person would have been told: behind the purifier, where there is one. */
export function fateOf(counted: Counted, image: ImageRecord, { bundle, alpha }: Pick<AuditJob, 'bundle' | 'alpha'>): ImageFate {
  const defence = bundle.purifier === null ? 'none' : 'purifier'
  if (!isRight(image, defence)) return 'wrong'
  const record = counted.records.get(image.image)
  if (!record) return 'untried'
  if (breaks(counted, image, defence)) return evades([counted], image, alpha) ? 'evaded' : 'broken'
  return record.attacked.predicted[defence] === image.label ? 'resisted' : 'beyond'
}
