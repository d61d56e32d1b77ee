/** A verdict's sentences and the facts of a file, as the page says them. */
import { afterEach, describe, expect, it } from 'vitest'
import { verdictOf } from '../../../src/engine/screening/verdict'
import { speak } from '../../../src/renderer/language'
import { factInWords, verdictDetail } from '../../../src/renderer/wording/verdict'
import type { ScreenedView } from '../../../src/shared/types'

afterEach(() => speak('en'))

const before = { label: 'opacity', index: 1, probabilities: [0.001, 0.999] }
const after = { label: 'clear', index: 0, probabilities: [0.952, 0.048] }

function viewOf(status: 'clean' | 'suspicious', pValue: number, answers = { before, after }): ScreenedView {
  return { result: { status, pValue, ...answers }, alpha: 0.05, verdict: verdictOf({ pValue, alpha: 0.05, calibrationCount: 500, ...answers }) } as unknown as ScreenedView
}

describe('what stands below the headline', () => {
  it('is the engine’s own in English', () => {
    const view = viewOf('suspicious', 0.004)
    expect(verdictDetail(view)).toBe(view.verdict.detail)
    expect(verdictDetail(view)).toContain("The classifier's answer changed from opacity (> 99 %) to clear (95 %)")
  })

  it('in German tells of the archive, the false alarms and the change of answer', () => {
    speak('de')
    expect(verdictDetail(viewOf('suspicious', 0.004))).toBe(
      'Vergleichen Sie die Aufnahme mit dem Original im Archiv, bevor Sie sich auf eine maschinelle Befundung verlassen; etwa 5 % der unberührten Aufnahmen werden auch gemeldet. Ohne das entfernte Muster wechselt die Antwort des Klassifikators von opacity (99,9 %) zu clear (95,2 %).',
    )
  })

  it('in German, where nothing was found, does not say that all is well, and tells of no change that there is not', () => {
    speak('de')
    const words = verdictDetail(viewOf('clean', 0.63, { before: after, after }))
    expect(words).toMatch(/^Das heißt nicht, dass das Bild unverändert oder der Mensch gesund ist/)
    expect(words).not.toContain('wechselt')
  })
})

describe('facts of a file', () => {
  it('have German names where there are such, and keep what the file says', () => {
    const facts = [
      { label: 'Size', value: '768 × 768' },
      { label: 'Bits', value: '12 of 16' },
      { label: 'Colour', value: 'grey' },
      { label: 'Transfer syntax', value: 'JPEG 2000' },
      { label: 'Something new', value: 'of 3' },
    ]
    expect(facts.map(factInWords)).toEqual(facts)
    speak('de')
    expect(facts.map(factInWords)).toEqual([
      { label: 'Größe', value: '768 × 768' },
      { label: 'Bits', value: '12 von 16' },
      { label: 'Farbe', value: 'Grau' },
      { label: 'Transfersyntax', value: 'JPEG 2000' },
      { label: 'Something new', value: 'of 3' },
    ])
  })
})
