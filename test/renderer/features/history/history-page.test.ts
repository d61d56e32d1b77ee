/** What the History page draws of a record. */
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { speak } from '../../../../src/renderer/language'
import type { HistoryRow } from '../../../../src/shared/history'
import { unfamiliarSentence } from '../../../../src/shared/unfamiliar'

vi.mock('../../../../src/renderer/platform', () => ({ platform: { kind: 'browser' } }))
vi.stubGlobal('window', { location: { hash: '' }, addEventListener: () => undefined })
const { Row } = await import('../../../../src/renderer/features/history/HistoryTable')
const { RecordSheet } = await import('../../../../src/renderer/features/history/RecordSheet')
const { useHistory } = await import('../../../../src/renderer/state/history')

const hash = 'ab'.repeat(32)
const record: HistoryRow = {
  seq: 1, prev: hash, time: '2026-01-02T03:04:05.000Z', file: { mark: hash }, sha256: hash, job: 'job-1', line: 0, bundle: { id: 'chest', classifier: hash, purifier: hash },
  provider: 'cpu', alpha: 0.05, status: 'clean', score: 1, pValue: 0.25, before: 'clear', after: 'clear', version: 'test', hash, path: null, opens: false,
}
const warning = 'This file says it is CT and Chest was made for DX: the verdict may mean nothing.'

/** Drawn without a page, components see the state that the store began with. */
function drawn(more: Partial<HistoryRow>): { row: string; sheet: string } {
  const row = { ...record, ...more }
  Object.assign(useHistory.getInitialState(), { rows: new Map([[0, row]]), selected: 0 })
  return { row: renderToStaticMarkup(createElement(Row, { row, index: 0, selected: true })), sheet: renderToStaticMarkup(createElement(RecordSheet)) }
}

afterEach(() => speak('en'))

describe('a record whose verdict is not to be relied on', () => {
  it('says why in the table and beside it, as the other pages do', () => {
    for (const html of Object.values(drawn({ warning, unfamiliar: true }))) {
      expect(html).toContain(warning)
      expect(html).toContain(unfamiliarSentence)
    }
    expect(drawn({ warning }).row).not.toContain(unfamiliarSentence)
    for (const html of Object.values(drawn({}))) expect(html).not.toContain('relied')
  })

  it('says so in German where German is spoken, the engine\'s own sentence in English', () => {
    speak('de')
    const { sheet } = drawn({ warning, unfamiliar: true })
    expect(sheet).toContain('auf sein Urteil ist kein Verlass')
    expect(sheet).toMatch(/<p role="note" lang="en"[^>]*>This file says/)
    expect(sheet).not.toContain(unfamiliarSentence)
  })
})
