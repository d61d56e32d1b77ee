/** The verdict in words, what the classifier says before and after, plain facts, and what all this does not say. */
import { ScanSearch } from 'lucide-react'
import { useShallow } from 'zustand/react/shallow'
import type { ScreenedView } from '../../../shared/types'
import { language, t } from '../../language'
import { fittingBundles } from '../../state/fitting'
import { screenWith } from '../../state/screening'
import { useSession } from '../../state/session'
import { Button } from '../../ui/Button'
import { StatusIcon, statusLook, statusWord } from '../../ui/Status'
import { pValueInWords } from '../../wording/probability'
import { frameWord, verdictFrame } from '../../wording/frames'
import { factInWords, verdictDetail } from '../../wording/verdict'
import { AnswerBars } from './AnswerBars'
import { SaveMenu } from './SaveMenu'
import { UnusualScale } from './UnusualScale'

/** Fitting bundles that are named one by one. */
const offered = 2

const notSaid = { clean: 'verdict.notSaidClean', suspicious: 'verdict.notSaidSuspicious' } as const

/** "Suspicious: an untouched scan …" as the word that is seen first and the sentence that explains it. */
export function headlineParts(headline: string): [word: string, sentence: string] {
  const colon = headline.indexOf(': ')
  if (colon < 0) return [headline, '']
  const rest = headline.slice(colon + 2)
  return [headline.slice(0, colon), rest.charAt(0).toUpperCase() + rest.slice(1)]
}

/** @param listed the frame that the list's verdict speaks of */
export function VerdictPanel({ view, listed }: { view: ScreenedView; listed: number }) {
  const { result, verdict, facts, bundle, alpha } = view
  const { bundles, samples } = useSession(useShallow(({ bundles, samples }) => ({ bundles, samples })))
  if (result.status === 'error') return null
  const fitting = fittingBundles(view, bundles, samples)
  const look = statusLook[result.status]
  // The engine speaks English; the part that matters most is said here.
  const [word, sentence] = language() === 'en' ? headlineParts(verdict.headline) : [statusWord(result.status), result.pValue === null ? '' : `${pValueInWords(result.pValue)}.`]
  const frame = verdictFrame(frameWord(view), view, listed)
  return (
    <section aria-label={t('verdict.title')} className="grid shrink-0 border-t border-line bg-panel lg:max-xl:grid-cols-2 xl:h-[14rem] xl:grid-cols-[minmax(20rem,1.2fr)_minmax(19.5rem,1.1fr)_minmax(16rem,0.7fr)] xl:grid-rows-[minmax(0,1fr)] xl:divide-x xl:divide-line">
      <div className="flex min-w-0 flex-col px-3 py-2.5">
        <div className="selectable min-h-0 flex-1 overflow-y-auto" data-verdict={result.status}>
          <h3 className={`flex items-center gap-2 text-base font-semibold ${look.text}`}>
            <StatusIcon status={result.status} size={20} /> {word}
          </h3>
          {frame && (
            <p data-verdict-frame={view.frame} className={`numbers text-xs ${view.frame === listed ? 'text-ink-soft' : 'font-medium text-accent'}`}>
              {frame}
            </p>
          )}
          {result.warning && (
            <p role="note" lang="en" className="mt-0.5 font-medium text-suspicious">
              {result.warning}
            </p>
          )}
          {fitting.length > 0 && (
            <div className="flex flex-wrap gap-1.5 py-1">
              {fitting.slice(0, offered).map(({ id, name }) => (
                <Button key={id} className="max-w-full min-w-0 shrink!" title={t('verdict.screenWith', { name })} onClick={() => void screenWith(result.path, id)}>
                  <ScanSearch size={14} className="shrink-0" aria-hidden /> <span className="truncate">{t('verdict.screenWith', { name })}</span>
                </Button>
              ))}
            </div>
          )}
          {result.unfamiliar && (
            <p role="note" data-unfamiliar className="mt-0.5 font-medium text-suspicious">
              {t('verdict.unfamiliar')}
            </p>
          )}
          {sentence && <p className="mt-0.5">{sentence}</p>}
          <p className="mt-0.5 text-xs text-ink-soft">{verdictDetail(view)}</p>
        </div>
        <div className="shrink-0 pt-1.5">{result.pValue !== null && <UnusualScale pValue={result.pValue} alpha={alpha} suspicious={result.status === 'suspicious'} />}</div>
      </div>
      <div className="min-w-0 overflow-y-auto p-3">
        {result.before && result.after && <AnswerBars before={result.before} after={result.after} classes={bundle.classes} />}
        <p className="mt-2.5 text-xs text-ink-soft">
          <strong className="text-ink">{t('verdict.notSaid')}</strong> {t(notSaid[result.status])}
        </p>
      </div>
      <div className="flex min-w-0 flex-col p-3 lg:max-xl:col-span-2">
        <dl className="selectable min-h-0 flex-1 overflow-y-auto text-xs">
          {[{ label: t('screen.bundle'), value: bundle.name }, ...facts.map(factInWords)].map(({ label, value }) => (
            <div key={label} className="flex justify-between gap-3 py-px">
              <dt className="shrink-0 text-ink-soft">{label}</dt>
              <dd className="numbers truncate text-right" title={value}>
                {value}
              </dd>
            </div>
          ))}
        </dl>
        <SaveMenu view={view} />
      </div>
    </section>
  )
}
