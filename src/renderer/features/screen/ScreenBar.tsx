/** What the Screen page adds to the top bar: the bundle to screen with, and α. */
import { number, t } from '../../language'
import type { BundleSummary } from '../../../shared/types'
import { alphaChoices, canUse, chooseAlpha, chooseBundle, useSession } from '../../state/session'
import { Chooser } from '../../ui/Chooser'
import { alphaInWords } from '../../wording/probability'

function bundleDetail(bundle: BundleSummary): string {
  if (bundle.error) return bundle.error.message
  const about = [bundle.modality, bundle.bodyPart, bundle.classes.join(' / ')].filter(Boolean).join(' · ')
  return bundle.canScreen ? about : t('screen.cannotScreenYet', { about })
}

function BundleChooser() {
  const bundles = useSession((state) => state.bundles)
  const bundle = useSession((state) => state.bundles.find((each) => each.id === state.bundleId))
  return (
    <Chooser
      label={t('screen.bundle')}
      value={bundle?.id}
      choices={bundles.map((each) => ({ value: each.id, label: each.name, detail: bundleDetail(each), disabled: !canUse(each) }))}
      onChoose={chooseBundle}
      note={t('screen.bundleNote')}
    >
      {bundle ? (
        <span className="truncate">
          {bundle.name}
          <span className="ml-2 text-xs text-ink-soft">{bundle.classes.join(' / ')}</span>
        </span>
      ) : (
        <span className="text-ink-soft">{t('screen.noBundle')}</span>
      )}
    </Chooser>
  )
}

function AlphaChooser() {
  const alpha = useSession((state) => state.alpha)
  const count = useSession((state) => state.bundles.find((each) => each.id === state.bundleId)?.calibrationCount ?? 0)
  // The smallest p-value that n calibration scans can give is 1 / (n + 1): below it nothing would ever be flagged.
  const reachable = (choice: number): boolean => count === 0 || choice >= 1 / (count + 1)
  return (
    <Chooser
      firm
      label={t('screen.alpha')}
      value={String(alpha)}
      choices={alphaChoices.map((choice) => ({
        value: String(choice),
        label: t('screen.alphaChoice', { share: alphaInWords(choice) }),
        detail: reachable(choice) ? `α = ${number(choice)}` : t('screen.alphaTooFew', { alpha: choice, count }),
        disabled: !reachable(choice),
      }))}
      onChoose={(value) => chooseAlpha(Number(value))}
      note={t('screen.alphaNote')}
    >
      <span className="truncate">
        <span className="text-ink-soft">α {number(alpha)}</span> <span className="ml-1 max-xl:hidden">{t('screen.alphaChoice', { share: alphaInWords(alpha) })}</span>
      </span>
    </Chooser>
  )
}

export function ScreenBar() {
  return (
    <>
      <BundleChooser />
      <AlphaChooser />
    </>
  )
}
