/** Which bundles are offered for a scan that the chosen one was not made for. */
import { describe, expect, it, vi } from 'vitest'
import { fittingBundles } from '../../../src/renderer/state/fitting'
import { sameKind } from '../../../src/shared/modalities'
import type { BundleSummary } from '../../../src/shared/types'

vi.mock('../../../src/renderer/platform', () => ({ platform: {} }))

const bundle = (id: string, modality: string, more: Partial<BundleSummary> = {}): BundleSummary => ({ id, modality, name: id, canScreen: true, ...more }) as BundleSummary
const bundles = [bundle('brain', 'MR'), bundle('chest', 'DX'), bundle('demo', 'DX'), bundle('half', 'DX', { canScreen: false }), bundle('any', 'OT')]
const offered = (modality: string | undefined, used: string): string[] =>
  fittingBundles({ ...(modality === undefined ? {} : { modality }), bundle: { id: used } }, bundles, [{ bundleId: 'demo' }]).map(({ id }) => id)

describe('bundles for a scan of another kind', () => {
  it('are those of its kind that can screen, but for the samples’ own', () => {
    expect(offered('CR', 'brain')).toEqual(['chest'])
    expect(offered('MR', 'chest')).toEqual(['brain'])
    expect(offered('US', 'chest')).toEqual([])
  })

  it('are none where the chosen one may fit, or nobody says', () => {
    expect(offered('CR', 'chest')).toEqual([])
    expect(offered('CR', 'any')).toEqual([])
    expect(offered(undefined, 'brain')).toEqual([])
    expect(offered('CR', 'gone')).toEqual([])
  })

  it('modalities of one kind are one, in any spelling', () => {
    expect([sameKind('cr', 'DX'), sameKind('XC', 'OP'), sameKind('CT', 'MR'), sameKind('SC', 'MR'), sameKind('', 'MR')]).toEqual([true, true, false, undefined, undefined])
  })
})
