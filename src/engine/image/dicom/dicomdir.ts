/**
 * DICOMDIR, the directory of a medium (PS3.3 F, PS3.10 8): which image files it names.
 */
import { corrupt } from '../errors'
import { hasPreamble, parseDicom } from './data-set'
import { mediaStorageDirectory } from './no-picture'
import { items, text, texts, uint16 } from './values'

/** Bytes from a file's beginning that are enough for `beginsAsDirectory`. */
export const headLength = 512

/** By its SOP class in the meta information, which is among the first elements. */
export const beginsAsDirectory = (head: Uint8Array): boolean =>
  hasPreamble(head) && new RegExp(`\\x02\\0\\x02\\0UI..${mediaStorageDirectory.replaceAll('.', '\\.')}(?![\\d.])`, 's').test(new TextDecoder('latin1').decode(head.subarray(0, headLength)))

/**
 * The files of its image records, in their order, each as the names of folders and file below the directory's own folder.
 * @throws AssayError `image-truncated`, `image-corrupt`
 */
export function referencedImages(file: Uint8Array, name: string): string[][] {
  const { dataSet } = parseDicom(file, name)
  if (!dataSet.elements['x00041220']) throw corrupt(name, 'it is a directory without records', { format: 'dicom' })
  return items(dataSet, 'x00041220')
    .filter((record) => text(record, 'x00041430') === 'IMAGE' && uint16(record, 'x00041410') !== 0)
    .map((record) => texts(record, 'x00041500'))
    .filter((components) => components.length > 0)
}
