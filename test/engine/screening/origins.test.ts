/** Which devices scans come from, and what is said where a bundle does not know them. */
import { describe, expect, it } from 'vitest'
import { learnedFrom, noOrigins, originsOf, originWarnings } from '../../../src/engine/screening/origins'

const known = originsOf([{ modality: 'DX', manufacturer: 'Siemens ', model: 'Ysio' }, { modality: 'dx', manufacturer: 'SIEMENS' }, {}])
const chest = { name: 'Chest', modality: 'DX', training: { classifier: { data: { origins: known } } } }
const warned = (scans: object, bundle: object = {}): string => originWarnings({ ...noOrigins, ...scans }, { ...chest, ...bundle }).join(' ')

describe('the origins of images', () => {
  it('are named once, in capitals, a model with its maker', () => {
    expect(known).toEqual({ modalities: ['DX'], manufacturers: ['SIEMENS'], devices: ['SIEMENS YSIO'] })
  })
  it('that models learned from are those of both, and of the scans they were compared with', () => {
    const other = originsOf([{ modality: 'CR', manufacturer: 'Fuji' }])
    expect(learnedFrom({ training: { ...chest.training, purifier: { data: { origins: other } } }, detector: undefined })).toEqual({ modalities: ['CR', 'DX'], manufacturers: ['FUJI', 'SIEMENS'], devices: ['SIEMENS YSIO'] })
    expect(learnedFrom({ training: { classifier: { data: { images: 3 } }, purifier: 'told otherwise' }, detector: undefined })).toEqual(noOrigins)
  })
})

describe('scans to calibrate on', () => {
  it('of the same kind and devices are taken without a word, and those that say nothing, too', () => {
    expect(warned(known)).toBe('')
    expect(warned({ modalities: ['CR'], manufacturers: ['SIEMENS'] })).toBe('')
    expect(warned({})).toBe('')
    expect(warned({ manufacturers: ['GEMED'], devices: ['GEMED X1'] }, { training: {} })).toBe('')
  })
  it('of another modality, maker or model are warned of, both named', () => {
    expect(warned({ modalities: ['DX', 'MR'] })).toMatch(/say they are MR, and Chest was made for DX/)
    expect(warned({ modalities: ['MR'] }, { modality: '' })).toMatch(/say they are MR, and Chest was made for DX/)
    expect(warned({ manufacturers: ['GEMED', 'SIEMENS'], devices: ['GEMED X1'] })).toMatch(/^[^.]*by GEMED, and the models of Chest learned from devices by SIEMENS[^.]*\.$/)
    expect(warned({ manufacturers: ['SIEMENS'], devices: ['SIEMENS MULTIX'] })).toMatch(/from SIEMENS MULTIX, and the models of Chest learned from SIEMENS YSIO/)
  })
})
