/** Product, bundle, α, the standing note, the provider, and help. */
import { Keyboard, Unplug } from 'lucide-react'
import type { BundleSummary } from '../../shared/types'
import { ProviderButton } from '../features/devices/ProviderButton'
import { alphaChoices, canUse, chooseAlpha, chooseBundle, useSession } from '../state/session'
import { Button } from '../ui/Button'
import { Chooser } from '../ui/Chooser'
import { alphaInWords } from '../wording/probability'

function bundleDetail(bundle: BundleSummary): string {
  if (bundle.error) return bundle.error.message
  const about = [bundle.modality, bundle.bodyPart, bundle.classes.join(' / ')].filter(Boolean).join(' · ')
  return bundle.canScreen ? about : `${about} (needs a purifier and a calibration before it can screen)`
}

function BundleChooser() {
  const bundles = useSession((state) => state.bundles)
  const bundle = useSession((state) => state.bundles.find((each) => each.id === state.bundleId))
  return (
    <Chooser
      label="Bundle"
      value={bundle?.id}
      choices={bundles.map((each) => ({ value: each.id, label: each.name, detail: bundleDetail(each), disabled: !canUse(each) }))}
      onChoose={chooseBundle}
      note="A bundle is a classifier with its purifier and its calibration. Use one made for the kind of scan you bring."
    >
      {bundle ? (
        <span className="truncate">
          {bundle.name}
          <span className="ml-2 text-xs text-ink-soft">{bundle.classes.join(' / ')}</span>
        </span>
      ) : (
        <span className="text-ink-soft">No bundle can screen</span>
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
      label="False alarms allowed (alpha)"
      value={String(alpha)}
      choices={alphaChoices.map((choice) => ({
        value: String(choice),
        label: `${alphaInWords(choice)} untouched scans will be flagged`,
        detail: reachable(choice) ? `α = ${choice}` : `α = ${choice}: this bundle's ${count} calibration scans are too few`,
        disabled: !reachable(choice),
      }))}
      onChoose={(value) => chooseAlpha(Number(value))}
      note="Fewer false alarms also means that weaker tampering passes. Applies to what is screened next."
    >
      <span className="truncate">
        <span className="text-ink-soft">α {alpha}</span> <span className="ml-1">{alphaInWords(alpha)} untouched scans will be flagged</span>
      </span>
    </Chooser>
  )
}

export function TopBar({ onHelp }: { onHelp: () => void }) {
  const connected = useSession((state) => state.connected)
  return (
    <header className="flex h-12 shrink-0 items-center gap-2.5 border-b border-line bg-panel px-3">
      <span className="flex items-center gap-2 pr-1.5 text-base font-semibold">
        <svg width="20" height="20" viewBox="0 0 32 32" aria-hidden>
          <path d="M8 24 16 7l8 17" fill="none" stroke="var(--accent)" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round" />
          <circle cx="16" cy="18.6" r="3.3" fill="var(--suspicious)" />
        </svg>
        Assay
      </span>
      <BundleChooser />
      <AlphaChooser />
      <span className="ml-auto" />
      {!connected && (
        <span role="alert" className="flex items-center gap-1.5 rounded-md bg-danger-deep px-2 py-1 text-danger">
          <Unplug size={15} aria-hidden /> Connection lost, trying again
        </span>
      )}
      <span className="text-xs whitespace-nowrap text-ink-soft">Research use only. Not for diagnosis.</span>
      <ProviderButton />
      <Button weight="quiet" aria-label="Keyboard and mouse" title="Keyboard and mouse (?)" onClick={onHelp}>
        <Keyboard size={17} aria-hidden /> ?
      </Button>
    </header>
  )
}
