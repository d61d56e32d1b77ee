/** The elements of a file as rows: which are searched for, which are folded away. Pure functions over the engine's list. */
import type { DicomTag } from '../../../shared/types'

export interface TagRow {
  /** Place in the engine's list. */
  index: number
  tag: DicomTag
  /** Elements below it, in a sequence; 0 for a plain element. */
  below: number
  folded: boolean
  /** False for a sequence that is there only because something in it was found. */
  found: boolean
}

/** For each element, how many of those after it lie within it. */
export function countBelow(tags: readonly DicomTag[]): Uint32Array {
  const below = new Uint32Array(tags.length)
  const open: number[] = []
  const close = (depth: number, at: number): void => {
    while (open.length > 0 && tags[open.at(-1)!]!.depth >= depth) {
      const index = open.pop()!
      below[index] = at - index - 1
    }
  }
  tags.forEach(({ depth }, i) => {
    close(depth, i)
    open.push(i)
  })
  close(0, tags.length)
  return below
}

const letters = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

/** What an element is found by: its number with and without brackets, its name with and without spaces, its value. */
function searchText(element: DicomTag): string {
  const known = searchTexts.get(element)
  if (known !== undefined) return known
  const { tag, vr, name, value, hidden } = element
  const text = [tag, letters(tag), vr, name, letters(name), hidden ? '' : value].join('\n').toLowerCase()
  searchTexts.set(element, text)
  return text
}

/** Made once for each element: a file can have tens of thousands, and every letter typed asks for all of them. */
const searchTexts = new WeakMap<DicomTag, string>()

/** True when every word of the query is found somewhere in the element. */
export function matcher(query: string): (tag: DicomTag) => boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return (tag) => {
    const text = searchText(tag)
    return words.every((word) => text.includes(word))
  }
}

/**
 * The rows to draw. A search shows what it finds with the sequences that it lies in, whatever is folded.
 * @param below of `countBelow`
 * @param folded places of the sequences that are folded
 */
export function tagRows(tags: readonly DicomTag[], below: Uint32Array, folded: ReadonlySet<number>, query: string): TagRow[] {
  const rows: TagRow[] = []
  if (query.trim() === '') {
    for (let i = 0; i < tags.length; i++) {
      const isFolded = folded.has(i)
      rows.push({ index: i, tag: tags[i]!, below: below[i]!, folded: isFolded, found: true })
      if (isFolded) i += below[i]!
    }
    return rows
  }
  const matches = matcher(query)
  const around: number[] = []
  let shown = -1
  tags.forEach((tag, i) => {
    while (around.length > 0 && around.at(-1)! + below[around.at(-1)!]! < i) around.pop()
    if (matches(tag)) {
      for (const index of around) if (index > shown) rows.push({ index, tag: tags[index]!, below: below[index]!, folded: false, found: false })
      rows.push({ index: i, tag, below: below[i]!, folded: false, found: true })
      shown = i
    }
    if (below[i]! > 0) around.push(i)
  })
  return rows
}

/** Sequences of more elements than this begin folded. */
const muchToRead = 400

/** What is folded at first: nothing in a short list, all sequences in a long one. */
export function foldedAtFirst(tags: readonly DicomTag[], below: Uint32Array): Set<number> {
  const folded = new Set<number>()
  if (tags.length > muchToRead) below.forEach((count, i) => count > 0 && folded.add(i))
  return folded
}
