/** What a terminal is told of a calibration. */
import { expect, it } from 'vitest'
import { summary } from '../../src/cli/commands/calibrate'
import type { CalibrationReport } from '../../src/shared/calibration'

const report: CalibrationReport = {
  bundle: 'chest-local', scans: 120, calibrationCount: 84, scores: [{ name: 'residual', median: 0, scale: 1 }], combine: 'max', sentence: 'One number decides.', choice: null, heatmapUsual: 0.01, date: '2026-01-01',
  alpha: 0.05, falseAlarms: { alpha: 0.05, mean: 4 / 85, low: 0.0131, high: 0.1 }, origins: { modalities: [], manufacturers: [], devices: [] },
  earlier: { label: 'before', date: '2025-01-01', calibrationCount: 57, scores: ['residual'], heatmapUsual: 0.01, flagged: { count: 60, of: 120 }, unfamiliar: { count: 30, of: 120 } }, warnings: ['Look.'], failures: [],
}

it('says how many untouched scans will be flagged, and how many of these the calibration before would have', () => {
  const said = summary(report).join('\n')
  expect(said).toContain('At α = 0.05, 4.7 % of untouched scans like these are flagged, 1.3 % to 10.0 %')
  expect(said).toContain('The calibration before, on 57 scans, flags 50.0 % of these and finds 30 of 120 unlike its own')
  expect(summary({ ...report, falseAlarms: null, earlier: null }).join('\n')).not.toMatch(/flag/)
})
