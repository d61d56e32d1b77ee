/**
 * Data sets as folders: one subfolder per class (labelled), a flat folder or single files (unlabelled).
 */
import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { AssayError, toAssayError } from '../../shared/errors'
import { labelByName, meaning, unknownNames, type ClassNames } from './class-names'
import { readGroups } from './groups'
import { byName, readFolder, walkImages } from './walk'

export interface DataSetItem {
  /** Absolute path. */
  path: string
  /** Index into `classes`; null where the data set has no labels. */
  label: number | null
  /** Images of one group never end on both sides of a split. */
  group: string
}

export interface LabelledItem extends DataSetItem {
  label: number
}

export interface DataSet<Item extends DataSetItem = DataSetItem> {
  classes: string[]
  items: Item[]
}

/** Names in one sentence. */
const mostTold = 5

const partNames = new Set(['train', 'training', 'test', 'testing', 'val', 'valid', 'validation', 'calibration', 'calib'])

async function collect(folder: string): Promise<string[]> {
  const paths: string[] = []
  for await (const path of walkImages(folder)) paths.push(path)
  return paths
}

async function assertFolder(folder: string): Promise<void> {
  const entry = await stat(folder).catch((error: unknown) => {
    throw toAssayError(error)
  })
  if (!entry.isDirectory())
    throw new AssayError('data-set-invalid', `${folder} is a file; give a folder with one subfolder per class.`, { path: folder })
}

/**
 * A folder of class folders. Classes are the subfolders' names in code-unit order, or `classes` in their own order
 * (names compared without regard to case), which must then be the same set or hold it.
 * @param classNames what the folders call the classes, where that is something else
 * @throws AssayError data-set-invalid when there are no class folders, an unknown one, an empty one, or loose images.
 */
export async function readLabelled(folder: string, classes?: readonly string[], classNames?: ClassNames): Promise<DataSet<LabelledItem>> {
  const root = resolve(folder)
  await assertFolder(root)
  const { folders, files } = await readFolder(root)
  if (folders.length === 0)
    throw new AssayError('data-set-invalid', `${root} has no class folders; put the images of each class into a folder named after it.`, { path: root })
  if (folders.every((name) => partNames.has(name.toLowerCase())))
    throw new AssayError('data-set-invalid', `${root} holds the parts ${folders.join(', ')}, not classes; point at one of them.`, { path: root })
  if (files.length > 0)
    throw new AssayError('data-set-invalid', `${root} has ${files.length} images outside its class folders, ${files[0]} for one; move them into a class folder.`, { path: root })

  const names = classes ? [...classes] : [...new Set(folders.map(meaning(classNames)))].sort(byName)
  if (names.length < 2)
    throw new AssayError('data-set-invalid', `${root} has a single class, ${names[0]}; a classifier needs at least two.`, { path: root })
  const groups = await readGroups(root)
  const labelOf = labelByName(names, classNames)
  const unknown = folders.filter((name) => labelOf(name) < 0)
  if (unknown.length > 0) {
    const which = unknown.length === 1 ? `The folder ${unknown[0]} in ${root} is` : `The folders ${unknown.slice(0, mostTold).join(', ')}${unknown.length > mostTold ? ` and ${unknown.length - mostTold} more` : ''} in ${root} are`
    throw new AssayError('data-set-invalid', `${which} none of the classes ${names.join(', ')}; say which class is meant (--class-names), or rename or remove ${unknown.length === 1 ? 'it' : 'them'}.`, { path: root, ...unknownNames(unknown) })
  }
  const items: LabelledItem[] = []
  for (const name of folders) {
    const label = labelOf(name)
    const paths = await collect(join(root, name))
    if (paths.length === 0)
      throw new AssayError('data-set-invalid', `The class folder ${join(root, name)} has no images; fill or remove it.`, { path: join(root, name) })
    for (const path of paths) items.push({ path, label, group: groups.groupOf(path) })
  }
  return { classes: names, items }
}

/**
 * Images for work that needs no labels: class folders (labels kept when every subfolder is one of `classes`), any
 * tree of folders, or a single file.
 * @throws AssayError data-set-invalid when there is no image at all.
 */
export async function readImages(path: string, classes: readonly string[] = []): Promise<DataSet> {
  const root = resolve(path)
  const entry = await stat(root).catch((error: unknown) => {
    throw toAssayError(error)
  })
  if (entry.isFile()) {
    const groups = await readGroups(dirname(root))
    return { classes: [...classes], items: [{ path: root, label: null, group: groups.groupOf(root) }] }
  }
  const { folders, files } = await readFolder(root)
  const labelOf = new Map(classes.map((name, index) => [name.toLowerCase(), index]))
  if (files.length === 0 && folders.length > 0 && folders.every((name) => labelOf.has(name.toLowerCase()))) return readLabelled(root, classes)

  const groups = await readGroups(root)
  const items = (await collect(root)).map((file): DataSetItem => ({ path: file, label: null, group: groups.groupOf(file) }))
  if (items.length === 0)
    throw new AssayError('data-set-invalid', `There are no images in ${basename(root)}; check the folder.`, { path: root })
  return { classes: [...classes], items }
}
