/**
 * Values that stand in for those that tell of a person (PS3.15, E.1: action D), legal for their representation.
 */
import { representations } from './element-syntax'

const texts: Readonly<Record<string, string>> = {
  AE: 'ANONYMOUS',
  AS: '000Y',
  CS: 'ANONYMOUS',
  DA: '19000101',
  DS: '0',
  DT: '19000101000000',
  IS: '0',
  LO: 'Anonymous',
  LT: 'Anonymous',
  PN: 'Anonymous',
  SH: 'Anonymous',
  ST: 'Anonymous',
  TM: '000000',
  UC: 'Anonymous',
  UR: 'about:blank',
  UT: 'Anonymous',
}

const sizes: Readonly<Record<string, number>> = { AT: 4, FD: 8, FL: 4, OD: 8, OF: 4, OL: 4, OV: 8, SL: 4, SS: 2, SV: 8, UL: 4, US: 2, UV: 8 }

/** Text in ASCII, which is part of every character set of DICOM, or one zero. */
export function dummyValue(vr: string): Uint8Array {
  const text = texts[vr]
  if (text !== undefined) return new TextEncoder().encode(text)
  return new Uint8Array(representations.has(vr) ? (sizes[vr] ?? 2) : 2)
}
