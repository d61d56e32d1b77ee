/** What has to be read once before anything is screened. */
import { acknowledge, useSession } from '../state/session'
import { Button } from '../ui/Button'
import { Sheet } from '../ui/Sheet'

export function FirstStartNote() {
  const acknowledged = useSession((state) => state.acknowledged)
  return (
    <Sheet open={!acknowledged} title="Research use only. Not for diagnosis.">
      <div className="mt-3 space-y-2.5 text-sm leading-relaxed text-ink-soft">
        <p>
          Assay looks for changes made to a scan in order to mislead a classifier. It is a statistical test: with the setting that you choose, a known share of
          untouched scans is flagged as well.
        </p>
        <p>
          <strong className="text-ink">A scan without a finding is not certified as authentic</strong>, and nothing here says anything about a patient&rsquo;s
          health. Whoever knows this purifier can build an attack that passes it.
        </p>
        <p>Everything is computed on this machine. No scan leaves it.</p>
      </div>
      <div className="mt-6 flex justify-end">
        <Button weight="primary" className="h-9! px-4!" autoFocus onClick={acknowledge}>
          I understand
        </Button>
      </div>
    </Sheet>
  )
}
