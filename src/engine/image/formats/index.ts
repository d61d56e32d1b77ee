/**
 * The formats that Assay reads, in the order in which they are tried.
 */
import { dicomFormat } from './dicom'
import type { ImageFormat } from './format'
import { jpegFormat } from './jpeg'
import { pngFormat } from './png'

export const imageFormats: readonly ImageFormat[] = [pngFormat, jpegFormat, dicomFormat]
