/** A verdict on the wrong kind of picture says so. */
import { describe, expect, it } from 'vitest'
import { modalityWarning } from '../../../src/engine/screening/applicability'

const chest = { name: 'Chest', modality: 'DX', input: { width: 8, height: 8, channels: 1 as const, mean: [0], std: [1], intensity: { kind: 'declared-range' as const } } }
const grey = { format: 'dicom' as const, samples: 1 as const }

describe('a bundle for radiographs', () => {
  it.each(['DX', 'CR', 'dx', undefined, 'OT'])('takes a grey image of modality %s without a word', (modality) => {
    expect(modalityWarning({ ...grey, modality }, chest)).toBeUndefined()
  })
  it('warns of an MR, naming both', () => {
    expect(modalityWarning({ ...grey, modality: 'MR' }, chest)).toMatch(/says it is MR and Chest was made for DX/)
  })
  it('warns of a colour picture', () => {
    expect(modalityWarning({ ...grey, samples: 3 }, chest)).toMatch(/colour picture/)
  })
  it('warns of a slice of a volume, which one for MR takes', () => {
    expect(modalityWarning({ ...grey, format: 'nifti' }, chest)).toMatch(/slice of a volume/)
    expect(modalityWarning({ ...grey, format: 'nifti' }, { ...chest, modality: 'MR' })).toBeUndefined()
  })
  it('that does not say what it is for warns of nothing but colour', () => {
    expect(modalityWarning({ ...grey, modality: 'MR' }, { ...chest, modality: '' })).toBeUndefined()
  })
})
