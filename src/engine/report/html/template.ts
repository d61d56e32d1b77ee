/**
 * A tagged template for HTML that escapes whatever is put into it. Only what came out of this template, or lists of it,
 * goes in as it is; names from files can say what they like.
 *
 * ```ts
 * html`<td>${className}</td>${rows.map((row) => html`<tr>…</tr>`)}`
 * ```
 */
import { visible } from '../../../shared/visible'

export class Html {
  constructor(readonly markup: string) {}
  toString(): string {
    return this.markup
  }
}

type Value = string | number | Html | readonly Value[] | null | false

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text that means itself between tags and inside quoted attributes. */
export const escaped = (text: string): string => visible(text).replace(/[&<>"']/g, (character) => entities[character]!)

function inserted(value: Value): string {
  if (value === null || value === false) return ''
  if (value instanceof Html) return value.markup
  if (typeof value === 'object') return value.map(inserted).join('')
  return escaped(String(value))
}

/** Attributes must stand in quotes; nothing may be put into tag names, scripts or styles. */
export const html = (strings: TemplateStringsArray, ...values: readonly Value[]): Html =>
  new Html(strings.map((string, i) => (i === 0 ? string : inserted(values[i - 1]!) + string)).join(''))
