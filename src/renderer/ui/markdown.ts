/**
 * As much of Markdown as model cards and the guide use, as data: headings, paragraphs, lists, tables, code, pictures that
 * stand alone. HTML stays the letters that it is.
 */
export type Inline = { kind: 'text' | 'code' | 'strong' | 'emphasis'; text: string } | { kind: 'link'; text: string; address: string }

export type Block =
  | { kind: 'heading'; level: number; text: Inline[] }
  | { kind: 'paragraph'; text: Inline[] }
  | { kind: 'quote'; text: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] }
  | { kind: 'code'; text: string }
  | { kind: 'rule' }
  | { kind: 'picture'; title: string; address: string }

const inlines = /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)|<(https?:[^>\s]+)>/g

export function parseInline(source: string): Inline[] {
  const found: Inline[] = []
  let at = 0
  for (const match of source.matchAll(inlines)) {
    if (match.index > at) found.push({ kind: 'text', text: source.slice(at, match.index) })
    const [all, code, strong, strongToo, emphasis, link, address, bare] = match
    if (code !== undefined) found.push({ kind: 'code', text: code })
    else if (strong !== undefined || strongToo !== undefined) found.push({ kind: 'strong', text: (strong ?? strongToo)! })
    else if (emphasis !== undefined) found.push({ kind: 'emphasis', text: emphasis })
    else if (link !== undefined) found.push({ kind: 'link', text: link, address: address! })
    else found.push({ kind: 'text', text: bare! })
    at = match.index + all.length
  }
  if (at < source.length) found.push({ kind: 'text', text: source.slice(at) })
  return found
}

/** All letters of it, as a person reads them. */
export const plainText = (parts: readonly Inline[]): string => parts.map(({ text }) => text).join('')

/** The name by which links within a page find a heading, as GitHub makes it. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')

const cells = (line: string): Inline[][] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => parseInline(cell.trim().replaceAll('\\|', '|')))

const isTableRule = (line: string | undefined): boolean => line !== undefined && /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(line) && line.includes('|')
const item = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/
const begins = /^(#{1,6}\s|```|>|\s*[-*+]\s+|\s*\d+[.)]\s+|\s*\|)|^\s*([-*_])(\s*\2){2,}\s*$/

export function parseMarkdown(source: string): Block[] {
  const lines = source.replaceAll('\r\n', '\n').split('\n')
  const blocks: Block[] = []
  for (let i = 0; i < lines.length; ) {
    const line = lines[i]!
    const picture = /^!\[([^\]]*)\]\(([^)\s]+)\)\s*$/.exec(line)
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line)
    if (line.trim() === '') i++
    else if (line.startsWith('```')) {
      const end = lines.findIndex((each, k) => k > i && each.startsWith('```'))
      const last = end < 0 ? lines.length : end
      blocks.push({ kind: 'code', text: lines.slice(i + 1, last).join('\n') })
      i = last + 1
    } else if (picture) {
      blocks.push({ kind: 'picture', title: picture[1]!, address: picture[2]! })
      i++
    } else if (heading) {
      blocks.push({ kind: 'heading', level: heading[1]!.length, text: parseInline(heading[2]!) })
      i++
    } else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
      blocks.push({ kind: 'rule' })
      i++
    } else if (line.includes('|') && isTableRule(lines[i + 1])) {
      const rows: Inline[][][] = []
      const head = cells(line)
      for (i += 2; i < lines.length && lines[i]!.includes('|'); i++) rows.push(cells(lines[i]!))
      blocks.push({ kind: 'table', head, rows })
    } else if (item.test(line)) {
      const ordered = item.exec(line)![1] !== undefined
      const items: string[] = []
      for (; i < lines.length && lines[i]!.trim() !== ''; i++) {
        const next = item.exec(lines[i]!)
        if (next) items.push(next[2]!)
        else items[items.length - 1] += ` ${lines[i]!.trim()}`
      }
      blocks.push({ kind: 'list', ordered, items: items.map(parseInline) })
    } else {
      const quote = line.startsWith('>')
      const text: string[] = []
      // The first line is taken whatever it looks like, so that every turn of the loop moves on.
      do text.push(lines[i++]!.replace(/^>\s?/, '').trim())
      while (i < lines.length && lines[i]!.trim() !== '' && (quote ? lines[i]!.startsWith('>') : !begins.test(lines[i]!)))
      blocks.push({ kind: quote ? 'quote' : 'paragraph', text: parseInline(text.join(' ')) })
    }
  }
  return blocks
}
