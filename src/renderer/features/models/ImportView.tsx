/** Somebody else's model on its way to becoming a bundle: what was found, settings, a trial on images, and the import. */
import { CircleCheck, FileImage, FolderOpen, Info, LoaderCircle, TriangleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { ReactNode } from 'react'
import type { FoundModel } from '../../../shared/models'
import { t } from '../../language'
import { said } from '../../language/said'
import { cancelBringing, closeImport, finishImport, readImportForm, useImporting } from '../../state/importing'
import { verdictOf } from '../../state/trials'
import type { Verdict } from '../../state/trials'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { fileSize } from '../../wording/models'
import { AddButtons, pickAndTake } from './BundleList'
import { GradientNote, ModelFacts, OperatorsTable } from './ModelFacts'
import { SettingsForm } from './SettingsForm'
import { TrialTable, use } from './TrialTable'

/** @param shownFor when it changes, the step is scrolled to: something has happened in it */
function Step({ number, title, children, aside, shownFor }: { number: number; title: string; children: ReactNode; aside?: ReactNode; shownFor?: unknown }) {
  const section = useRef<HTMLElement>(null)
  const before = useRef(shownFor)
  useEffect(() => {
    if (before.current !== shownFor) section.current?.scrollIntoView({ block: 'start' })
    before.current = shownFor
  }, [shownFor])
  return (
    <section ref={section} aria-label={title} className="border-b border-line px-4 py-3">
      <div className="flex items-center gap-2.5 pb-2">
        <span className="numbers flex size-5 items-center justify-center rounded-full bg-accent-deep text-xs font-semibold" aria-hidden>
          {number}
        </span>
        <h3 className="font-semibold">{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  )
}

function Found({ found }: { found: FoundModel }) {
  return (
    <div className="grid grid-cols-2 gap-x-5">
      <div>
        <ModelFacts model={found.model} />
        <p className="selectable pt-1 text-2xs break-all text-ink-soft">
          {fileSize(found.bytes)}, SHA-256 {found.sha256}
        </p>
        <details className="pt-1.5">
          <summary className="cursor-pointer text-xs text-ink-soft hover:text-ink">{t('models.operators', { n: found.model.operators.length })}</summary>
          <OperatorsTable model={found.model} />
        </details>
      </div>
      <div className="space-y-1.5">
        <GradientNote model={found.model} />
        {found.hints.map((hint) => (
          <p key={hint} className="selectable flex gap-2 px-2.5 text-xs text-ink-soft">
            <Info size={15} className="mt-px shrink-0" aria-hidden /> {hint}
          </p>
        ))}
      </div>
    </div>
  )
}

function VerdictLine({ verdict }: { verdict: Verdict }) {
  const line = 'flex min-h-9 items-center gap-2 rounded-md px-2.5 py-1'
  if (verdict.kind === 'unlabelled')
    return (
      <p className={`${line} bg-raised text-ink-soft`}>
        <Info size={16} className="shrink-0" aria-hidden />
        {t('import.unlabelled')}
      </p>
    )
  const { fit } = verdict
  if (verdict.kind === 'fits')
    return (
      <p className={`${line} bg-clean-deep`}>
        <CircleCheck size={16} className="shrink-0 text-clean" aria-hidden />
        {t('import.fits', { right: fit.right, of: fit.of })}
      </p>
    )
  if (verdict.kind === 'none-fits')
    return (
      <p className={`${line} bg-suspicious-deep`}>
        <TriangleAlert size={16} className="shrink-0 text-suspicious" aria-hidden />
        {t('import.noneFits', { right: fit.right, of: fit.of })}
      </p>
    )
  const way = <strong>{verdict.trial.way.label}</strong>
  return (
    <p className={`${line} bg-suspicious-deep`}>
      <TriangleAlert size={16} className="shrink-0 text-suspicious" aria-hidden />
      <span className="flex-1">
        {fit.right > verdict.present.right ? said('import.betterThan', { way, right: fit.right, of: fit.of, present: verdict.present.right }) : said('import.betterEven', { way, right: fit.right, of: fit.of })}
        {verdict.rivals.length > 0 && ` ${t('import.rivals', { ways: verdict.rivals.map(({ label }) => label).join(', ') })}`}
      </span>
      <Button weight="primary" onClick={() => use(verdict.trial)}>
        {t('import.useIt')}
      </Button>
    </p>
  )
}

function Trials() {
  const state = useImporting()
  const { images, ways, trials, waiting } = state
  const { settings } = readImportForm(state)
  if (images.length === 0)
    return (
      <p className="max-w-3xl text-ink-soft">
        {t('import.chooseImages')}
      </p>
    )
  if (!settings) return <p className="text-ink-soft">{t('import.correct')}</p>
  const verdict = waiting === 0 ? verdictOf(trials, images) : null
  return (
    <div className="space-y-2">
      {verdict ? (
        <VerdictLine verdict={verdict} />
      ) : (
        <p role="status" className="flex items-center gap-2 min-h-9 rounded-md bg-raised px-2.5 py-1 text-ink-soft">
          {waiting > 0 ? (
            <>
              <LoaderCircle size={16} className="shrink-0 animate-spin text-accent" aria-hidden /> {t('import.trying', { ways: ways.length, waiting })}
            </>
          ) : (
            t('import.unrunnable')
          )}
        </p>
      )}
      <TrialTable ways={ways} trials={trials} images={images} verdict={verdict} waiting={waiting} />
    </div>
  )
}

function Ready({ found }: { found: FoundModel }) {
  const state = useImporting()
  const { form, phase, importError, progress, images } = state
  const { settings, problems } = readImportForm(state)
  const named = form !== null && !/^class \d+$/m.test(form.classes)
  const complete = settings !== null && Object.keys(problems).length === 0
  return (
    <div className="min-h-0 flex-1 overflow-y-auto bg-panel">
      <Step number={1} title={t('import.found')}>
        <Found found={found} />
      </Step>
      {found.problem && (
        <div className="p-4">
          <Problem title={t('import.impossible')} error={found.problem}>
            <Button onClick={() => void pickAndTake('files')}>{t('import.another')}</Button>
          </Problem>
        </div>
      )}
      {form && found.guess && (
        <>
          <Step number={2} title={t('import.settings')}>
            <SettingsForm form={form} problems={problems} guess={found.guess} />
          </Step>
          <Step
            number={3}
            title={t('import.try')}
            shownFor={images}
            aside={
              <span className="flex items-center gap-1.5">
                <Button onClick={() => void pickAndTake('folder')}>
                  <FolderOpen size={15} aria-hidden /> {t('import.folderOfImages')}
                </Button>
                <Button onClick={() => void pickAndTake('files')}>
                  <FileImage size={15} aria-hidden /> {t('import.images')}
                </Button>
                {progress && (
                  <span role="status" className="numbers text-xs text-ink-soft">
                    {t('import.brought', progress)}
                  </span>
                )}
              </span>
            }
          >
            <Trials />
          </Step>
          <Step number={4} title={t('import.step')}>
            <div className="flex flex-wrap items-center gap-2.5">
              <Button weight="primary" disabled={!complete || phase === 'importing'} onClick={() => void finishImport()}>
                {phase === 'importing' && <LoaderCircle size={15} className="animate-spin" aria-hidden />} {t('import.asBundle')}
              </Button>
              <Button disabled={phase === 'importing'} onClick={closeImport}>
                {t('cancel')}
              </Button>
              <span className="text-xs text-ink-soft">
                {!complete ? t('import.incomplete') : images.length === 0 ? t('import.untried') : !named ? t('import.unnamed') : t('import.copied')}
              </span>
            </div>
            {importError && (
              <div className="pt-3">
                <Problem title={t('import.failed')} error={importError} />
              </div>
            )}
          </Step>
        </>
      )}
    </div>
  )
}

export function ImportView() {
  const { phase, error, found, progress } = useImporting()
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col" aria-busy={phase === 'bringing' || phase === 'reading'}>
      <header className="flex h-10 shrink-0 items-center gap-2.5 border-b border-line px-4">
        <h2 className="selectable min-w-0 truncate font-semibold">{found ? t('import.titleOf', { file: found.fileName }) : t('import.title')}</h2>
        <span className="mr-auto" />
        <Button weight="quiet" disabled={phase === 'importing'} onClick={closeImport}>
          {t('close')}
        </Button>
      </header>
      {error ? (
        <div className="p-6">
          <Problem title={t('import.notTaken')} error={error}>
            <AddButtons />
          </Problem>
        </div>
      ) : found ? (
        <Ready found={found} />
      ) : (
        <div role="status" className="flex flex-1 items-center justify-center gap-2.5 text-ink-soft">
          <LoaderCircle size={17} className="animate-spin text-accent" aria-hidden />
          {phase === 'bringing' ? (progress ? t('import.bringingFar', progress) : t('import.bringing')) : t('import.reading')}
          {phase === 'bringing' && <Button onClick={cancelBringing}>{t('cancel')}</Button>}
        </div>
      )}
    </div>
  )
}
