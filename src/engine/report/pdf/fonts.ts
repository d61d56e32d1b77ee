/**
 * The fonts of a PDF. The standard fonts that every reader has know Western European letters only, and names of classes
 * and files are in any language, so DejaVu Sans goes into the file, cut down to the letters that are used.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { sfntOfWoff } from './woff'

export interface Fonts {
  regular: Buffer
  bold: Buffer
}

const load = async (weight: number): Promise<Buffer> => {
  const path = createRequire(import.meta.url).resolve(`@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff`)
  return Buffer.from(sfntOfWoff(await readFile(path)))
}

let loaded: Promise<Fonts> | undefined

/** DejaVu Sans: Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew, Arabic and mathematical signs. */
export const loadFonts = (): Promise<Fonts> =>
  (loaded ??= Promise.all([load(400), load(700)])
    .then(([regular, bold]) => ({ regular, bold }))
    .catch((error: unknown) => {
      loaded = undefined
      throw error
    }))
