import { describe, expect, it } from 'vitest'
import { htmlOf } from '../../../src/engine/report/html/page'
import { html } from '../../../src/engine/report/html/template'
import { headlineOf } from '../../../src/engine/report/sections/summary'
import { documentOf } from '../../../src/engine/report/sections'
import type { AuditReport } from '../../../src/shared/audit'
import { auditReport, full, provenanceOf, reportExamples, type Shape } from './reports'
import { parseHtml, textOf, within, type Element } from './well-formed'

const pageOf = (report: AuditReport, examples = 1): string => htmlOf(documentOf({ report, examples: reportExamples(report, examples), provenance: provenanceOf(report) }))
const elements = (report: AuditReport): Element[] => within(parseHtml(pageOf(report)))
const tables = (report: AuditReport): Element[] => elements(report).filter(({ name, attributes }) => name === 'table' && attributes['class'] === 'data')

describe('the template', () => {
  it('escapes what is put in, between tags and in attributes, and keeps what it made itself', () => {
    const name = `"><script>alert('1')</script>&amp;`
    expect(html`<a title="${name}">${[html`<b>${name}</b>`, 3, null, false]}</a>`.markup).toBe(
      '<a title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;"><b>&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;</b>3</a>',
    )
  })

  it('shows what is invisible or turns the order of text', () => {
    expect(html`${'gnp.exe\u202Efdp\u0000\u200B\n'}`.markup).toBe('gnp.exe⟨U+202E⟩fdp⟨U+0000⟩⟨U+200B⟩⟨U+000A⟩')
  })
})

describe('report.html', () => {
  const shapes: Record<string, Shape> = {
    'two classes, everything measured': full,
    'no purifier': { purifier: false, baselines: [] },
    'a purifier that is not calibrated': { detector: false },
    'three classes and no warnings': { classes: ['a', 'b', 'c'], warnings: 0 },
    'ten classes and twelve warnings': { classes: Array.from({ length: 10 }, (_, i) => `class ${i}`), warnings: 12 },
    'forty classes': { classes: Array.from({ length: 40 }, (_, i) => `class ${i}`) },
    'all threats, a hundred rows and more': { ...full, threats: ['oblivious', 'adaptive', 'blackbox', 'transfer'] },
    'one attack at one strength': { attacks: ['fgsm'], eps: [8], threats: ['oblivious'] },
    'nothing complete yet': { attacks: [], threats: [], partial: true },
  }
  it.each(Object.entries(shapes))('is well-formed and asks for nothing from elsewhere: %s', (_, shape) => {
    const report = auditReport(shape)
    const all = elements(report)
    expect(all.filter(({ name }) => ['script', 'link', 'iframe', 'object', 'form'].includes(name))).toEqual([])
    for (const { name, attributes } of all) {
      expect(Object.keys(attributes).filter((key) => key.startsWith('on') || key === 'style'), name).toEqual([])
      if (attributes['src'] !== undefined) expect(attributes['src']).toMatch(/^data:image\/png;base64,/)
      if (attributes['href'] !== undefined) expect(attributes['href']).toMatch(/^#[a-z-]+$/)
    }
    const ids = new Set(all.flatMap(({ attributes }) => attributes['id'] ?? []))
    expect(all.flatMap(({ attributes }) => attributes['href'] ?? []).filter((href) => !ids.has(href.slice(1)))).toEqual([])
    expect(textOf(parseHtml(pageOf(report)))).not.toMatch(/undefined|NaN|null|\[object/)
    expect(all.filter(({ name }) => name === 'style').map(({ text }) => text).join()).not.toMatch(/url\(|@import/)
  })

  it('forbids scripts and network by itself, with the hash of its one style sheet', async () => {
    const all = elements(auditReport({ attacks: ['fgsm'] }))
    const policy = all.find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy')!.attributes['content']!
    const sheet = all.find(({ name }) => name === 'style')!.text
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(sheet))).toString('base64')
    expect(policy.split('; ')).toEqual(["default-src 'none'", `style-src 'sha256-${digest}'`, 'img-src data:', "base-uri 'none'", "form-action 'none'"])
  })

  it('says what the report holds and no more when names are hostile', () => {
    const hostile = '</style></script><img src=x onerror="alert(1)">'
    const report = auditReport({ name: hostile, path: `/data/${hostile}`, classes: [hostile, `=cmd|' /C calc'!A0`], partial: true, attacks: ['pgd'] })
    report.warnings[0]!.message = hostile
    report.unreadable[0]!.path = hostile
    report.runs[0]!.title = hostile
    report.limits.push(hostile)
    const examples = reportExamples(report).map((example) => ({ ...example, image: { ...example.image, path: hostile } }))
    const root = parseHtml(htmlOf(documentOf({ report, examples, provenance: provenanceOf(report) })))
    expect(within(root).filter(({ name, attributes }) => name === 'script' || attributes['onerror'] !== undefined)).toEqual([])
    expect(within(root).filter(({ name }) => name === 'style')).toHaveLength(1)
    expect(textOf(root).split(hostile).length).toBeGreaterThan(8)
  })

  it('puts the notice and the warnings before every number of the results', () => {
    const text = textOf(parseHtml(pageOf(auditReport({ warnings: 12 }))))
    const order = ['Research use only. Not for diagnosis.', 'the gradients lead nowhere', 'Untouched, the classifier is right on', 'SHA-256', 'Oblivious: images answered right under each attack'].map((words) => text.indexOf(words))
    expect(order.every((at, i) => at > (order[i - 1] ?? -1))).toBe(true)
  })

  it('never shows the oblivious result alone', () => {
    const summary = (report: AuditReport): string => textOf(parseHtml(pageOf(report)))
    expect(summary(auditReport())).toMatch(/Adaptive: an attacker who knows classifier and purifier/)
    const alone = summary(auditReport({ threats: ['oblivious'] }))
    expect(alone).toMatch(/Adaptive: not measured/)
    expect(alone).toMatch(/one who also knows the purifier can do was not measured/)
    expect(summary(auditReport({ purifier: false, baselines: [], threats: ['oblivious'] }))).not.toMatch(/not measured/)
  })

  it('says at which strength answers are wrong and unflagged', () => {
    const text = textOf(parseHtml(pageOf(auditReport({ eps: [1, 2, 4] })))).replaceAll('\u00a0', ' ')
    expect(text).toContain('the detector stays silent on 10.0 % at 1/255 in L∞ and 40.0 % at 4/255 in L∞.')
  })

  it('says first at which strength the strongest attacker breaks half of what is right, or that none did', () => {
    const report = auditReport({ eps: [1, 2, 4] })
    const [weak, middle] = report.worstCase.filter(({ threat }) => threat === 'adaptive')
    const set = (entry: typeof weak, value: number) => Object.assign(entry!.robust['purifier']!, { value })
    set(weak, 0.7)
    set(middle, 0.4)
    expect(headlineOf(report)).toMatch(/^Changes of at most 2\/255 in L∞ are enough for an attacker who knows the whole model .* 40\.0\u00a0% of all images are still answered right, against 93\.3\u00a0% untouched\.$/)
    for (const entry of report.worstCase) set(entry, 0.8)
    expect(headlineOf(report)).toMatch(/^Up to 4\/255 in L∞, .* right on 80\.0\u00a0% of the images, .*no proof of robustness\.$/)
    expect(headlineOf(auditReport({ attacks: [], threats: [], partial: true }))).toMatch(/says nothing about robustness yet/)
  })

  it('has a row for each attack at each strength with the numbers of the report', () => {
    const report = auditReport({ threats: ['adaptive'] })
    const accuracy = tables(report).find((table) => textOf(table).includes('Largest change') && textOf(table).includes('JPEG 75') && textOf(table).includes('Square'))!
    const rows = within(accuracy).filter(({ name }) => name === 'tr').slice(1)
    expect(rows).toHaveLength(report.runs.length)
    for (const [i, row] of report.runs.entries()) {
      const cells = rows[i]!.children.filter(({ name }) => name === 'td')
      const share = row.robust['purifier']!
      expect(cells[2]!.text).toBe(`${(100 * share.value).toFixed(1)}\u00a0%`)
      expect(cells[2]!.children[0]!.text).toBe(`${(100 * share.low).toFixed(1)}–${(100 * share.high).toFixed(1)}`)
    }
  })

  it('draws each attack once per defence, the worst case over them, and ticks at 255ths', () => {
    const report = auditReport({ ...full, threats: ['adaptive'], detector: false })
    const plots = elements(report).filter(({ name, attributes }) => name === 'svg' && attributes['role'] === 'img')
    // L∞ and, for CW, L2: bare and purified.
    expect(plots).toHaveLength(4)
    const lines = (plot: Element): number => plot.children.filter(({ name, attributes }) => name === 'polyline' && /series|stroke-ink/.test(attributes['class']!) && attributes['stroke-width'] !== '1.2').length
    expect(plots.map(lines)).toEqual([7, 7, 1, 1])
    expect(plots[0]!.children.filter(({ name }) => name === 'text').map(({ text }) => text)).toEqual(expect.arrayContaining(['1/255', '2/255', '4/255', '8/255', '100 %']))
  })

  it('is the same for the same audit', () => {
    expect(pageOf(auditReport())).toBe(pageOf(auditReport()))
  })

  it('states the factor by which a change is magnified, and the picture is that much', () => {
    const report = auditReport({ attacks: ['pgd'] })
    const factor = Number(/Change × (\d+)/.exec(textOf(parseHtml(pageOf(report))))![1])
    // Changes of 4/255: the largest of the factors that stays within the range around middle grey.
    expect(factor).toBe(20)
  })
})
