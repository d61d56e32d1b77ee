/** What has to be read once before anything is screened, in a language that the reader can choose here. */
import { languages } from '../../shared/settings'
import { languageNames, t } from '../language'
import { changeSettings, noteIsDue, useLanguage, useSettings } from '../state/settings'
import { Button } from '../ui/Button'
import { Sheet } from '../ui/Sheet'

export function FirstStartNote() {
  const due = useSettings(noteIsDue)
  const language = useLanguage()
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
      <div className="mt-6 flex items-center justify-between gap-4">
        <div role="group" aria-label={t('settings.language')} className="flex gap-1">
          {languages.map((each) => (
            <Button key={each} weight="quiet" lang={each} pressed={each === language} onClick={() => void changeSettings({ language: each })}>
              {languageNames[each]}
            </Button>
          ))}
        </div>
        <Button weight="primary" className="h-9! px-4!" autoFocus onClick={() => void changeSettings({ acknowledged: true })}>
          {t('note.understand')}
        </Button>
      </div>
    </Sheet>
  )
}
