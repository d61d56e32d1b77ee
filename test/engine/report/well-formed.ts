/** A strict small reader of HTML: every tag is closed in order, attributes are quoted and named once, nothing is loose. */
export interface Element {
  name: string
  attributes: Record<string, string>
  /** Text directly in it, entities resolved. */
  text: string
  children: Element[]
}

const empty = new Set(['meta', 'img', 'col'])
const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

const resolved = (text: string): string => {
  if (/[<>]/.test(text)) throw new Error(`A bare angle bracket: ${text.slice(0, 80)}`)
  return text.replace(/&([^;]{0,8});?/g, (whole, name: string) => {
    if (!(name in entities) || !whole.endsWith(';')) throw new Error(`An unknown entity or a bare ampersand: ${whole}`)
    return entities[name]!
  })
}

/** @throws Error where it is not well-formed */
export function parseHtml(page: string): Element {
  const start = '<!doctype html>\n'
  if (!page.startsWith(start)) throw new Error('No doctype')
  const root: Element = { name: '#root', attributes: {}, text: '', children: [] }
  const open = [root]
  const token = /<(\/?)([a-z0-9]+)((?:\s+[a-zA-Z-]+(?:="[^"]*")?)*)\s*(\/?)>|([^<]+)/gy
  token.lastIndex = start.length
  while (token.lastIndex < page.length) {
    const at = token.lastIndex
    const match = token.exec(page)
    if (!match) throw new Error(`Not HTML: ${page.slice(at, at + 80)}`)
    const [, closing, name, attributes, slash, text] = match
    const top = open.at(-1)!
    if (text !== undefined) top.text += top.name === 'style' ? text : resolved(text)
    else if (closing) {
      if (top.name !== name) throw new Error(`</${name}> closes <${top.name}>`)
      open.pop()
    } else {
      const element: Element = { name: name!, attributes: {}, text: '', children: [] }
      for (const [, key, value] of attributes!.matchAll(/([a-zA-Z-]+)(?:="([^"]*)")?/g)) {
        if (key! in element.attributes) throw new Error(`${key} twice`)
        element.attributes[key!] = resolved(value ?? '')
      }
      top.children.push(element)
      if (!slash && !empty.has(name!)) open.push(element)
    }
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)!.name}> is never closed`)
  return root
}

/** An element and all below it. */
export const within = (element: Element): Element[] => [element, ...element.children.flatMap(within)]

export const textOf = (element: Element): string => within(element).filter(({ name }) => name !== 'style').map(({ text }) => text).join(' ')
