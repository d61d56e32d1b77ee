/** What a scan of many files found, in the order in which a person looks at it. */
import type { ScanResult } from './types'

/** The suspicious ones, least usual first; without a p-value last. */
export const suspiciousOf = (results: readonly ScanResult[]): ScanResult[] =>
  results.filter(({ status }) => status === 'suspicious').sort((a, b) => (a.pValue ?? 1) - (b.pValue ?? 1))
