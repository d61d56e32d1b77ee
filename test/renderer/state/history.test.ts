/** What the History page asks for: the days of its filter are days here, as in the table, whatever UTC says. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

const call = vi.fn<(name: string, input: Record<string, unknown>) => Promise<unknown>>()
vi.mock('../../../src/renderer/platform', () => ({ platform: { call: (name: string, input: Record<string, unknown>) => call(name, input), urlFor: () => '' } }))
vi.mock('../../../src/renderer/state/artifacts', () => ({ saveArtifact: async () => undefined }))
vi.stubGlobal('window', { location: { hash: '' }, addEventListener: () => undefined })
const { changeHistoryFilter, exportHistory, needRows, noFilter, refreshHistory, useHistory } = await import('../../../src/renderer/state/history')

const lastAsked = (): Record<string, unknown> => call.mock.calls.at(-1)![1]

beforeEach(() => {
  call.mockReset()
  call.mockResolvedValue({ total: 0, matched: 0, rows: [], bundles: [], file: '' })
  useHistory.setState({ filter: noFilter })
})
afterEach(() => void vi.unstubAllEnvs())

it.each([
  ['Australia/Sydney', '2026-01-01T13:00:00.000Z', '2026-01-02T12:59:59.999Z'],
  ['America/New_York', '2026-01-02T05:00:00.000Z', '2026-01-03T04:59:59.999Z'],
  ['UTC', '2026-01-02T00:00:00.000Z', '2026-01-02T23:59:59.999Z'],
])('in %s a day is from its midnight to the next', async (zone, from, to) => {
  vi.stubEnv('TZ', zone)
  changeHistoryFilter({ from: '2026-01-02', to: '2026-01-02' })
  expect(lastAsked()).toMatchObject({ from, to })
  // The fields keep what was chosen.
  expect(useHistory.getState().filter).toEqual({ text: '', from: '2026-01-02', to: '2026-01-02' })
  await exportHistory('csv')
  expect(call.mock.calls.at(-1)![0]).toBe('history.export')
  expect(lastAsked()).toMatchObject({ from, to })
})

it('a day on which clocks are changed has 23 or 25 hours', () => {
  vi.stubEnv('TZ', 'Europe/Berlin')
  changeHistoryFilter({ from: '2026-03-29', to: '2026-03-29' })
  expect(lastAsked()).toMatchObject({ from: '2026-03-28T23:00:00.000Z', to: '2026-03-29T21:59:59.999Z' })
})

it('a day is not needed, and one that no record can have is left to the engine to refuse', () => {
  changeHistoryFilter({ text: 'chest' })
  expect(lastAsked()).toEqual({ text: 'chest', offset: 0, limit: 200 })
  changeHistoryFilter({ from: '12026-01-01' })
  expect(lastAsked()).toMatchObject({ from: '12026-01-01' })
})

it('reads again what it knows where records were written meanwhile, so that none stands in two places, and keeps the selected one', async () => {
  let total = 300
  call.mockImplementation(async (_name, { offset, limit }: Record<string, unknown>) => ({
    total,
    matched: total,
    rows: Array.from({ length: Math.min(Number(limit), total - Number(offset)) }, (_, i) => ({ seq: total - Number(offset) - i })),
    bundles: [],
    file: '',
  }))
  await refreshHistory()
  useHistory.setState({ selected: 10 })
  const chosen = useHistory.getState().rows.get(10)!.seq
  total = 316
  needRows(190, 230)
  await vi.waitFor(() => expect(useHistory.getState().rows.size).toBe(316))
  const { rows, selected, matched } = useHistory.getState()
  expect(new Set([...rows.values()].map(({ seq }) => seq)).size).toBe(316)
  expect([matched, rows.get(0)!.seq, rows.get(selected!)!.seq]).toEqual([316, 316, chosen])
})
