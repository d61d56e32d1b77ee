/** How long names of files may be: file systems count bytes, to 255, where people count letters. */

/** Bytes of UTF-8, which leave room for a number and an ending. */
export const longestName = 180

const bytesOf = (text: string): number => new TextEncoder().encode(text).length

/** As many whole letters as fit; an accent that stands by itself is one with the letter under it. */
export function cutToBytes(text: string, most: number): string {
  if (bytesOf(text) <= most) return text
  let left = most
  let end = 0
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    left -= bytesOf(segment)
    if (left < 0) break
    end += segment.length
  }
  return text.slice(0, end)
}
