/** The Settings page: every choice takes effect at once; what deletes is asked first. */
import { FolderOpen } from 'lucide-react'
import { useId } from 'react'
import type { ReactNode } from 'react'
import { languages, themes } from '../../../shared/settings'
import type { Language, Theme } from '../../../shared/settings'
import { languageNames, number, t } from '../../language'
import { platform } from '../../platform'
import { openDevices, useDevices, wantedProvider } from '../../state/devices'
import { alphaChoices, useSession } from '../../state/session'
import { changeSettings, useSettings } from '../../state/settings'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { choiceInShort } from '../../wording/devices'
import { alphaInWords } from '../../wording/probability'
import { Retention } from './Retention'
import { ShortcutEditor } from './ShortcutEditor'

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="rounded-xl border border-line bg-panel px-5 pt-3 pb-1">
      <h2 className="pb-1.5 text-base font-semibold">{title}</h2>
      {children}
    </section>
  )
}

/** A choice with its explanation; the control is given the ids that tie them together. */
function Row({ label, hint, children }: { label: string; hint: string; children: (ids: { id: string; 'aria-describedby': string }) => ReactNode }) {
  const id = useId()
  return (
    <div className="flex min-h-14 items-center justify-between gap-6 border-t border-line py-2.5">
      <div className="min-w-0">
        <label htmlFor={id} className="block">
          {label}
        </label>
        <p id={`${id}-hint`} className="mt-0.5 text-xs text-ink-soft">
          {hint}
        </p>
      </div>
      <div className="flex shrink-0 items-center gap-2">{children({ id, 'aria-describedby': `${id}-hint` })}</div>
    </div>
  )
}

const selectLook = 'h-8 min-w-40 rounded-md border border-line-strong bg-ground px-2 focus-visible:border-accent'

function Switch({ on, onChange, ...ids }: { on: boolean; onChange: (on: boolean) => void; id: string; 'aria-describedby': string }) {
  return <input type="checkbox" role="switch" checked={on} className="size-4.5 accent-accent" onChange={({ target }) => onChange(target.checked)} {...ids} />
}

function Notes() {
  const warning = useSettings((state) => state.warning)
  const error = useSettings((state) => state.error)
  return (
    <>
      {warning && (
        <div role="status" className="selectable rounded-lg border border-suspicious/40 bg-suspicious-deep px-4 py-3">
          <div className="font-semibold text-suspicious">{t('settings.warning')}</div>
          <p lang="en" className="mt-0.5 break-words">
            {warning}
          </p>
        </div>
      )}
      {error && <Problem title={t('settings.failed')} error={error} />}
    </>
  )
}

function Screening() {
  const alpha = useSettings((state) => state.settings.alpha)
  const report = useDevices((state) => state.report)
  const provider = useDevices(wantedProvider)
  const choices = [...new Set<number>([...alphaChoices, alpha])].sort((a, b) => a - b)
  return (
    <Section title={t('settings.screening')}>
      <Row label={t('settings.alpha')} hint={t('settings.alphaHint')}>
        {(ids) => (
          <select className={selectLook} value={alpha} onChange={({ target }) => void changeSettings({ alpha: Number(target.value) })} {...ids}>
            {choices.map((each) => (
              <option key={each} value={each}>
                {`α ${number(each)}: ${alphaInWords(each)}`}
              </option>
            ))}
          </select>
        )}
      </Row>
      <Row label={t('settings.provider')} hint={t('settings.providerHint')}>
        {(ids) => (
          <>
            <span className="text-ink-soft">{choiceInShort(provider, report)}</span>
            <Button onClick={openDevices} {...ids}>
              {t('settings.providerCheck')}
            </Button>
          </>
        )}
      </Row>
    </Section>
  )
}

function Appearance() {
  const { language, theme } = useSettings((state) => state.settings)
  return (
    <Section title={t('settings.appearance')}>
      <Row label={t('settings.language')} hint={t('settings.languageHint')}>
        {(ids) => (
          <select className={selectLook} data-setting="language" value={language} onChange={({ target }) => void changeSettings({ language: target.value as Language })} {...ids}>
            {languages.map((each) => (
              <option key={each} value={each} lang={each}>
                {languageNames[each]}
              </option>
            ))}
          </select>
        )}
      </Row>
      <Row label={t('settings.theme')} hint={t('settings.themeHint')}>
        {(ids) => (
          <select className={selectLook} value={theme} onChange={({ target }) => void changeSettings({ theme: target.value as Theme })} {...ids}>
            {themes.map((each) => (
              <option key={each} value={each}>
                {t(`settings.theme.${each}`)}
              </option>
            ))}
          </select>
        )}
      </Row>
    </Section>
  )
}

function Privacy() {
  const { showPatientData, pathsInHistory } = useSettings((state) => state.settings)
  return (
    <Section title={t('settings.privacy')}>
      <Row label={t('settings.showPatientData')} hint={t('settings.showPatientDataHint')}>
        {(ids) => <Switch on={showPatientData} onChange={(on) => void changeSettings({ showPatientData: on })} {...ids} />}
      </Row>
      <Row label={t('settings.pathsInHistory')} hint={t('settings.pathsInHistoryHint')}>
        {(ids) => <Switch on={pathsInHistory} onChange={(on) => void changeSettings({ pathsInHistory: on })} {...ids} />}
      </Row>
    </Section>
  )
}

function Storage() {
  const dataFolder = useSession((state) => state.dataFolder)
  const { openDataFolder } = platform
  return (
    <Section title={t('settings.storage')}>
      <Row label={t('settings.dataFolder')} hint={t('settings.dataFolderHint')}>
        {(ids) => (
          <>
            <input readOnly value={dataFolder} title={dataFolder} className="h-8 w-60 truncate rounded-md border border-line bg-ground px-2 text-ink-soft" {...ids} />
            {openDataFolder && (
              <Button className="h-8!" onClick={openDataFolder}>
                <FolderOpen size={15} aria-hidden /> {t('settings.openFolder')}
              </Button>
            )}
          </>
        )}
      </Row>
      <Row label={t('settings.retention')} hint={t('settings.retentionHint')}>
        {(ids) => <Retention {...ids} />}
      </Row>
    </Section>
  )
}

export function SettingsPage() {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto grid max-w-6xl items-start gap-4 p-5 xl:grid-cols-2">
        <div className="space-y-4">
          <Notes />
          <Screening />
          <Appearance />
          <Privacy />
          <Storage />
        </div>
        <Section title={t('settings.shortcuts')}>
          <ShortcutEditor />
        </Section>
      </div>
    </div>
  )
}
