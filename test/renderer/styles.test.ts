/** Contrast of the design tokens in both themes, by the formula of WCAG 2.2 (relative luminance, 1.4.3 and 1.4.11). */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const sheet = readFileSync(resolve(import.meta.dirname, '../../src/renderer/styles.css'), 'utf8')
const tokensOf = (selector: string): Record<string, string> => {
  const block = sheet.slice(sheet.indexOf(`${selector} {`)).split('}')[0]!
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)].map(([, name, value]) => [name!, value!]))
}
const themes = { dark: tokensOf(':root'), light: tokensOf(":root[data-theme='light']") }

type Rgb = [number, number, number]
function rgb(hex: string): Rgb {
  const full = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join('') : hex.slice(1)
  return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16)) as Rgb
}
const over = (top: Rgb, below: Rgb, opacity: number): Rgb => top.map((value, i) => value * opacity + below[i]! * (1 - opacity)) as Rgb
function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)) as Rgb
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

/** Text, and the grounds that it stands on. `accent-deep/40` is that colour at 40 % over the panel. */
const text: Record<string, readonly string[]> = {
  ink: ['ground', 'panel', 'raised', 'accent-deep', 'suspicious-deep', 'clean-deep', 'danger-deep'],
  'ink-soft': ['ground', 'panel', 'raised', 'accent-deep', 'suspicious-deep', 'clean-deep', 'danger-deep', 'suspicious-deep/60', 'danger-deep/60'],
  accent: ['ground', 'panel', 'raised', 'accent-deep'],
  'on-accent': ['accent'],
  suspicious: ['ground', 'panel', 'raised', 'accent-deep', 'suspicious-deep', 'suspicious-deep/60'],
  clean: ['ground', 'panel', 'raised', 'accent-deep', 'clean-deep', 'clean-deep/60'],
  danger: ['ground', 'panel', 'raised', 'accent-deep', 'danger-deep', 'danger-deep/60'],
}

it('the measure is that of the standard', () => {
  expect(contrast(rgb('#000'), rgb('#ffffff'))).toBeCloseTo(21)
  expect(contrast(rgb('#777777'), rgb('#ffffff'))).toBeCloseTo(4.48, 2)
})

describe.each(Object.entries(themes))('the %s theme', (_name, tokens) => {
  const ground = (name: string): Rgb => {
    const [token, percent] = name.split('/')
    return percent ? over(rgb(tokens[token!]!), rgb(tokens['panel']!), Number(percent) / 100) : rgb(tokens[token!]!)
  }
  it('has every token of the other', () => expect(Object.keys(tokens).sort()).toEqual(Object.keys(themes.dark).sort()))

  for (const [ink, grounds] of Object.entries(text))
    it(`${ink} can be read on every ground that it stands on (4.5 : 1)`, () => {
      for (const each of grounds) expect(contrast(rgb(tokens[ink]!), ground(each)), `${ink} on ${each}`).toBeGreaterThanOrEqual(4.5)
    })

  it('lines of plots can be told from their ground (3 : 1)', () => {
    for (let i = 1; i <= 7; i++) expect(contrast(rgb(tokens[`series-${i}`]!), rgb(tokens['panel']!)), `series-${i}`).toBeGreaterThanOrEqual(3)
  })

  it('shows scans on black', () => expect(tokens['film']).toBe('#000'))
})
