/**
 * The phantom data sets, for the command line: `assay phantoms`.
 */
import { assertUnused, ensureWritable } from '../bundle/atomic'
import { writePhantomDataSet as write } from '../phantom/data-set'

/**
 * A set into a folder of its own: phantoms of two seeds side by side would pass for one set.
 * @throws AssayError invalid-arguments when the folder holds a set; what `phantom/data-set.ts` throws
 */
export const writePhantomDataSet: typeof write = async (folder, options, hooks) => {
  await ensureWritable(folder)
  await assertUnused(folder, ['train', 'test'])
  return write(folder, options, hooks)
}
