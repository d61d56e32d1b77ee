/** What has to be read once before anything is screened. */
import { t } from '../language'
import { changeSettings, noteIsDue, useSettings } from '../state/settings'
import { Button } from '../ui/Button'
import { Sheet } from '../ui/Sheet'

export function FirstStartNote() {
  const due = useSettings(noteIsDue)
  return (
    <Sheet open={due} title={t('researchUse')}>
      <div className="mt-3 space-y-2.5 text-sm leading-relaxed text-ink-soft">
        <p>{t('note.what')}</p>
        <p>
          <strong className="text-ink">{t('note.notCertified')}</strong>
          {t('note.limits')}
        </p>
        <p>{t('note.local')}</p>
      </div>
      <div className="mt-6 flex justify-end">
        <Button weight="primary" className="h-9! px-4!" autoFocus onClick={() => void changeSettings({ acknowledged: true })}>
          {t('note.understand')}
        </Button>
      </div>
    </Sheet>
  )
}
