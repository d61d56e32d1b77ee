/**
 * Names of things that people drop by mistake, told by their first bytes, so that a refusal says what the file is.
 */
const latin = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to))

interface Foreign {
  name: string
  /** @param start the first 1024 bytes, one character each. */
  is: (start: string) => boolean
}

const begins =
  (...beginnings: string[]) =>
  (start: string) =>
    beginnings.some((beginning) => start.startsWith(beginning))

/** ISO base media files say their brand after the first box's name. */
const branded =
  (...brands: string[]) =>
  (start: string) =>
    start.startsWith('ftyp', 4) && brands.includes(start.slice(8, 12))

const foreign: readonly Foreign[] = [
  { name: 'a GIF picture', is: begins('GIF87a', 'GIF89a') },
  { name: 'a JPEG XL picture', is: begins('\xff\x0a', '\0\0\0\x0cJXL ') },
  { name: 'a JPEG 2000 picture outside DICOM', is: begins('\0\0\0\x0cjP  ', '\xff\x4f\xff\x51') },
  { name: 'a HEIC picture', is: branded('heic', 'heix', 'hevc', 'heim', 'heis', 'mif1', 'msf1') },
  { name: 'an AVIF picture', is: branded('avif', 'avis') },
  { name: 'a film', is: (start) => start.startsWith('ftyp', 4) || begins('\x1aE\xdf\xa3')(start) || (start.startsWith('RIFF') && start.startsWith('AVI ', 8)) },
  { name: 'a Photoshop picture', is: begins('8BPS') },
  { name: 'an icon', is: begins('\0\0\x01\0\x01\0') },
  { name: 'a PDF document', is: (start) => start.includes('%PDF-') },
  { name: 'a NRRD volume', is: begins('NRRD000') },
  { name: 'a MetaImage volume', is: begins('ObjectType') },
  { name: 'an HDF5 file', is: begins('\x89HDF\r\n\x1a\n') },
  { name: 'a zip archive, or a document that is one', is: begins('PK\x03\x04', 'PK\x05\x06') },
  { name: 'a gzip archive without NIfTI inside', is: begins('\x1f\x8b') },
  { name: 'a 7-Zip archive', is: begins('7z\xbc\xaf\x27\x1c') },
  { name: 'a RAR archive', is: begins('Rar!\x1a\x07') },
  { name: 'an SVG drawing', is: (start) => /^(\xef\xbb\xbf)?\s*<(\?xml|!--|!DOCTYPE svg|svg)/.test(start) && start.includes('<svg') },
  { name: 'a web page', is: (start) => /^(\xef\xbb\xbf)?\s*<(!doctype html|html)/i.test(start) },
  { name: 'an XML file', is: (start) => /^(\xef\xbb\xbf)?\s*<\?xml/.test(start) },
]

/** "a GIF picture"; undefined where the bytes tell nothing. */
export function nameForeign(bytes: Uint8Array): string | undefined {
  const start = latin(bytes, 0, 1024)
  return foreign.find(({ is }) => is(start))?.name
}
