/** The same images, prepared in several ways, and what the model answers to each: one row per way, one column per image. */
import { Check, X } from 'lucide-react'
import type { PreviewedImage, TrialImage } from '../../../shared/models'
import { t } from '../../language'
import { said } from '../../language/said'
import { platform } from '../../platform'
import { fieldsOf } from '../../state/import-form'
import { changeForm } from '../../state/importing'
import { answerCounts, asSetId, fitOf, labelOf, soleAnswer } from '../../state/trials'
import type { Trial, Verdict, Way } from '../../state/trials'
import { Button } from '../../ui/Button'
import { fileName } from '../../wording/amounts'
import { percent } from '../../wording/probability'

export const use = ({ way }: Trial): void => changeForm(fieldsOf(way.settings))

function Thumbnail({ image, answer }: { image: TrialImage; answer: PreviewedImage | undefined }) {
  const name = fileName(image.path)
  return (
    <div className="w-20">
      {answer?.thumbnail ? (
        <img src={platform.urlFor('pixels', answer.thumbnail)} alt={t('import.seen', { name })} className="size-20 bg-film object-contain" />
      ) : (
        <div className="flex size-20 items-center justify-center bg-film p-1 text-2xs text-ink-soft" title={answer?.error?.message}>
          {answer?.error ? t('import.unreadable') : ''}
        </div>
      )}
      <div className="truncate pt-0.5 text-2xs font-normal" title={`${image.folder}/${name}`}>
        {image.folder}
      </div>
    </div>
  )
}

function AnswerCell({ answer, image, classes }: { answer: PreviewedImage | undefined; image: TrialImage; classes: readonly string[] }) {
  if (!answer?.answer) return <td className="px-1 py-1 text-xs text-ink-soft">–</td>
  const { label, probabilities } = answer.answer
  const truth = labelOf(image, classes)
  const right = truth === null ? null : label === classes[truth]
  const highest = Math.max(...probabilities)
  const tone = right === null ? '' : right ? 'text-clean' : 'text-danger'
  return (
    <td className="px-1 py-1 align-top text-xs" data-right={right ?? undefined} title={classes.slice(0, 20).map((name, i) => `${name} ${percent(probabilities[i] ?? 0)}`).join('\n')}>
      <div className={`flex w-20 items-center gap-0.5 ${tone}`}>
        {right === true && <Check size={13} className="shrink-0" aria-label={t('import.right')} />}
        {right === false && <X size={13} className="shrink-0" aria-label={t('import.wrong')} />}
        <span className="truncate">{label}</span>
      </div>
      <div className="numbers text-2xs text-ink-soft">{percent(highest)}</div>
    </td>
  )
}

function Sum({ trial, images }: { trial: Trial; images: readonly TrialImage[] }) {
  const { right, of } = fitOf(trial.answers, images, trial.way.settings.classes)
  const sole = soleAnswer(trial.answers)
  if (of > 0)
    return (
      <>
        {said('import.sumAlways', {
          fit: <strong className="numbers">{t('part', { part: right, whole: of })}</strong>,
          always: sole !== null && <span className="text-suspicious">{t('import.alsoAlways', { answer: sole })}</span>,
        })}
      </>
    )
  if (sole !== null) return <span className="text-suspicious">{t('import.always', { answer: sole })}</span>
  return answerCounts(trial.answers)
    .slice(0, 3)
    .map(({ label, count }) => `${label} ${count}`)
    .join(', ')
}

interface TrialTableProps {
  ways: readonly Way[]
  trials: readonly Trial[]
  images: readonly TrialImage[]
  verdict: Verdict | null
  waiting: number
}

/** Every way has its row from the start, so that nothing moves while they fill. */
const rowsOf = (ways: readonly Way[], trials: readonly Trial[]): { way: Way; trial: Trial | undefined }[] => {
  const others = trials.filter(({ way }) => !ways.some(({ id }) => id === way.id)).map((trial) => ({ way: trial.way, trial }))
  const [asSet, ...rest] = ways.map((way) => ({ way, trial: trials.find((each) => each.way.id === way.id) }))
  return asSet ? [asSet, ...others, ...rest] : others
}

export function TrialTable({ ways, trials, images, verdict, waiting }: TrialTableProps) {
  const seen = trials.find(({ answers }) => answers.length > 0)?.answers
  const bestWay = verdict?.kind === 'better' ? verdict.trial.way.id : verdict?.kind === 'fits' ? asSetId : null
  const side = 'sticky left-0 z-10 bg-panel'
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={t('import.answers')}>
      <table className="border-collapse text-left" data-trials aria-busy={waiting > 0}>
        <thead>
          <tr className="align-bottom">
            <th scope="col" className={`${side} min-w-60 pr-3 pb-1 text-xs font-normal text-ink-soft`}>
              {t('import.asSeen')}
            </th>
            {images.map((image, i) => (
              <th key={image.path} scope="col" className="px-1 pb-1">
                <Thumbnail image={image} answer={seen?.[i]} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rowsOf(ways, trials).map(({ way, trial }) => {
            const { answers = [], error } = trial ?? {}
            return (
              <tr key={way.id} data-way={way.id} className={`border-t border-line ${way.id === bestWay ? 'bg-clean-deep/40' : ''}`}>
                <th scope="row" className={`${side} border-r border-line py-1 pr-3 align-top text-xs font-normal`}>
                  <div className="flex items-center gap-2">
                    <div className="min-w-0 flex-1">
                      <div className="max-w-52 truncate" title={way.label}>
                        {way.label}
                      </div>
                      <div className="text-ink-soft" data-sum>
                        {error ? <span className="text-danger">{t('import.wayFailed')}</span> : trial ? <Sum trial={trial} images={images} /> : waiting > 0 ? '…' : t('import.notTried')}
                      </div>
                    </div>
                    {way.id !== asSetId && trial && !error && (
                      <Button className="h-6! px-2! text-xs" aria-label={t('import.useWay', { way: way.label })} onClick={() => use(trial)}>
                        {t('import.use')}
                      </Button>
                    )}
                  </div>
                </th>
                {error ? (
                  <td colSpan={images.length} className="px-1 py-1 text-xs text-danger">
                    {error.message}
                  </td>
                ) : (
                  images.map((image, i) => <AnswerCell key={image.path} answer={answers[i]} image={image} classes={way.settings.classes} />)
                )}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
