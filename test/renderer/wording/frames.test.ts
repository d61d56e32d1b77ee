import { describe, expect, it } from 'vitest'
import { frameOfAll, frameWord, verdictFrame } from '../../../src/renderer/wording/frames'

describe('what pictures of one file are called', () => {
  it.each([
    ['dicom', 'MR', 'slice'],
    ['dicom', 'CT', 'slice'],
    ['dicom', 'US', 'frame'],
    ['dicom', 'XA', 'frame'],
    ['dicom', 'OPT', 'slice'],
    ['nifti', undefined, 'slice'],
    ['tiff', undefined, 'page'],
    ['webp', undefined, 'frame'],
  ] as const)('%s of %s: %s', (format, modality, word) => expect(frameWord({ format, ...(modality && { modality }) })).toBe(word))
})

describe('which frame is meant', () => {
  it('is said only where there is a choice', () => {
    expect(frameOfAll('slice', 14, 27)).toBe('slice 14 of 27')
    expect(frameOfAll('slice', 1, 1)).toBe('')
    expect(verdictFrame('slice', { frame: 1, frames: 1 }, 1)).toBe('')
  })
  it('tells a verdict made here from that of the list', () => {
    expect(verdictFrame('frame', { frame: 3, frames: 27 }, 14)).toBe('Frame 3 screened now; the list shows frame 14')
    expect(verdictFrame('slice', { frame: 14, frames: 27 }, 14)).toBe('Slice 14 of 27, as in the list')
  })
})
