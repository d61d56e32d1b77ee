/**
 * Labelled images for a classifier that learns on: in its own classes where they can be read so, else in those that the
 * data names, for which it gets a new last layer.
 */
import { AssayError } from '../../shared/errors'
import { openLabelled, type LabelledQuery, type LabelledSource } from './labelled-source'

/** Numbers that stand for classes without naming them. */
const areIndices = (names: readonly string[]): boolean => names.every((name) => /^\d+$/.test(name))

/**
 * @param query with the classifier's own classes
 * @returns `others` where the images are of other classes, or by name of a part of its own alone
 * @throws AssayError like openLabelled
 */
export async function openToLearnOn(query: LabelledQuery & { classes: readonly string[] }): Promise<{ source: LabelledSource; others: boolean }> {
  const opened = (classes?: readonly string[]): Promise<LabelledSource | AssayError> =>
    openLabelled({ ...query, classes }).catch((error: unknown) => {
      if (error instanceof AssayError && error.code === 'data-set-invalid') return error
      throw error
    })
  const own = await opened(query.classes)
  const fits = !(own instanceof AssayError)
  if (fits && query.classes.every((_, label) => own.items.some((item) => item.label === label))) return { source: own, others: false }
  const named = await opened()
  if (fits && (named instanceof AssayError || named.classes.length >= own.classes.length || areIndices(named.classes))) return { source: own, others: false }
  if (named instanceof AssayError) throw named
  return { source: named, others: true }
}
