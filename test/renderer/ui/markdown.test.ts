import { readFileSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anchorOf, parseInline, parseMarkdown, plainText } from '../../../src/renderer/ui/markdown'

const text = (value: string) => [{ kind: 'text', text: value }]

describe('a model card', () => {
  it('has headings, paragraphs over several lines, lists, quotes and code', () => {
    expect(parseMarkdown('# One\n\ntwo\nthree\n\n- a\n  more\n- b\n\n1. c\n\n> said\n\n```\n# x\n```\n---')).toEqual([
      { kind: 'heading', level: 1, text: text('One') },
      { kind: 'paragraph', text: text('two three') },
      { kind: 'list', ordered: false, items: [text('a more'), text('b')] },
      { kind: 'list', ordered: true, items: [text('c')] },
      { kind: 'quote', text: text('said') },
      { kind: 'code', text: '# x' },
      { kind: 'rule' },
    ])
  })
  it('has tables, with and without words in the head', () => {
    expect(parseMarkdown('| | |\n| --- | --: |\n| a | 1 |\n| b \\| c | 2 |\nend')).toEqual([
      { kind: 'table', head: [[], []], rows: [[text('a'), text('1')], [text('b | c'), text('2')]] },
      { kind: 'paragraph', text: text('end') },
    ])
  })
  it('has words of weight, code, and links as text', () => {
    expect(parseInline('a **b** `c` *d* [e](http://x) <http://y>')).toEqual([
      ...text('a '),
      { kind: 'strong', text: 'b' },
      ...text(' '),
      { kind: 'code', text: 'c' },
      ...text(' '),
      { kind: 'emphasis', text: 'd' },
      ...text(' '),
      { kind: 'link', text: 'e', address: 'http://x' },
      ...text(' '),
      ...text('http://y'),
    ])
  })
  it('has pictures that stand alone, and names by which its headings are found', () => {
    expect(parseMarkdown('![A view](guide/a.png)\nsee ![b](c.png)')).toEqual([
      { kind: 'picture', title: 'A view', address: 'guide/a.png' },
      { kind: 'paragraph', text: [...text('see !'), { kind: 'link', text: 'b', address: 'c.png' }] },
    ])
    expect(anchorOf(plainText(parseInline("An auditor: somebody else's **model**")))).toBe('an-auditor-somebody-elses-model')
  })
  it('keeps HTML as the letters that it is', () => expect(parseMarkdown('<img src=x onerror=alert(1)>')).toEqual([{ kind: 'paragraph', text: text('<img src=x onerror=alert(1)>') }]))
  it('ends, whatever it is made of', () => {
    for (const source of ['```', '|', '|-', '>', '#', '*', '**', '- ', '`', '[', '\n\n|\n|', '1.', '***', '-'.repeat(5000), '|'.repeat(5000), '*a'.repeat(5000), '['.repeat(5000)]) expect(Array.isArray(parseMarkdown(source))).toBe(true)
  })
  it('of a shipped bundle loses no line', () => {
    const models = resolve(import.meta.dirname, '../../../models')
    for (const bundle of readdirSync(models)) {
      const card = readFileSync(resolve(models, bundle, 'MODEL_CARD.md'), 'utf8')
      const words = (value: unknown): string => (typeof value === 'string' ? value : value && typeof value === 'object' ? Object.entries(value).map(([key, each]) => (key === 'kind' ? '' : words(each))).join(' ') : '')
      const letters = (value: string): string => value.replace(/[^A-Za-z0-9]/g, '')
      expect(letters(words(parseMarkdown(card)))).toBe(letters(card))
    }
  })
})
