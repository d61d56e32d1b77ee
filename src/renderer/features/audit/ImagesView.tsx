/** Every image of a run: what became of it, and the attack itself in the views. */
import { figure, t } from '../../language'
import { said } from '../../language/said'
import { useEffect, useMemo, useState } from 'react'
import type { KeyboardEvent } from 'react'
import type { AuditImage, AuditReport, AuditRow, ImageFate } from '../../../shared/audit'
import { defenceOf, filterImages, openAttack, showRun, stepImage, useAuditImages } from '../../state/audit-images'
import type { ImageFilter, ShownRow } from '../../state/audit-images'
import { visibleRange } from '../../state/rows'
import { SelectField } from '../../ui/Field'
import { Problem } from '../../ui/Problem'
import { useSight } from '../../ui/use-sight'
import { fileName } from '../../wording/amounts'
import { defenceName, rowName, strength, threatName } from '../../wording/audit'
import { inWords, percent } from '../../wording/probability'
import { AttackViews } from './AttackViews'

const rowHeight = 44
const filters: readonly ImageFilter[] = ['all', 'broken', 'resisted', 'evaded']
const fateTone: Readonly<Record<ImageFate, string>> = { wrong: 'text-ink-soft', untried: 'text-ink-soft', resisted: 'text-clean', beyond: 'text-clean', broken: 'text-suspicious', evaded: 'text-danger' }

function List({ row, classes }: { row: ShownRow; classes: readonly string[] }) {
  const { images, filter, image } = useAuditImages()
  const [box, setBox] = useState<HTMLDivElement | null>(null)
  const { top, height } = useSight(box)
  const shown = filterImages(images, filter)
  const { start, end } = visibleRange(top, height, rowHeight, shown.length)
  const at = shown.findIndex((each) => each.image === image)
  useEffect(() => {
    if (!box || at < 0) return
    const [above, below] = [at * rowHeight - box.scrollTop, (at + 1) * rowHeight - box.scrollTop - box.clientHeight]
    if (above < 0 || below > 0) box.scrollTop += above < 0 ? above : below
  }, [box, at])
  return (
    <div
      ref={setBox}
      role="listbox"
      aria-label={t('audit.imagesOfRun')}
      tabIndex={0}
      className="relative min-h-0 flex-1 overflow-y-auto border-t border-line focus-visible:-outline-offset-2"
      aria-activedescendant={at >= 0 ? `audit-image-${image}` : undefined}
    >
      <div style={{ height: shown.length * rowHeight }} role="presentation">
        {shown.slice(start, end).map((each, i) => (
          <div
            key={each.image}
            id={`audit-image-${each.image}`}
            role="option"
            aria-selected={each.image === image}
            title={each.path}
            className={`absolute inset-x-0 border-l-2 px-2.5 py-1 ${each.image === image ? 'border-accent bg-accent-deep' : 'border-transparent hover:bg-raised'}`}
            style={{ top: (start + i) * rowHeight, height: rowHeight }}
            onClick={() => void openAttack(row, each.image)}
          >
            <div className="truncate">{fileName(each.path)}</div>
            <div className="numbers truncate text-xs text-ink-soft">
              {classes[each.label]} · <span className={fateTone[each.fate]}>{t(`audit.fate.${each.fate}`)}</span>
              {each.linf !== null && ` · ${figure((255 * each.linf).toFixed(1))}/255`}
            </div>
          </div>
        ))}
      </div>
      {shown.length === 0 && <p className="p-4 text-center text-ink-soft">{t('screen.noneOfThese')}</p>}
    </div>
  )
}

/** Answers before and after, by defence; before alone of an image that was not attacked. */
function Answers({ image, classes, alpha }: { image: AuditImage; classes: readonly string[]; alpha: number }) {
  const { clean, attacked } = image
  const judged = attacked ?? clean
  const probability = [clean, ...(attacked ? [attacked] : [])].map(({ confidence }) => percent(confidence.none)).join(' → ')
  const sizes = `L∞ ${figure((255 * (image.linf ?? 0)).toFixed(2))}/255, L2 ${figure((image.l2 ?? 0).toFixed(3))}`
  return (
    <div className="flex shrink-0 items-start gap-x-6 border-t border-line bg-panel px-3 py-2 text-xs">
      <table className="shrink-0">
        <tbody>
          {Object.keys(clean.predicted).map((defence) => (
            <tr key={defence}>
              <th scope="row" className="pr-4 text-left font-normal text-ink-soft">
                {defenceName(defence)}
              </th>
              {[clean.predicted[defence], ...(attacked ? [attacked.predicted[defence]] : [])].map((predicted, i) => (
                <td key={i} className={`pr-4 ${predicted === image.label ? 'text-clean' : 'text-danger'}`}>
                  {i === 1 && <span className="pr-2 text-ink-soft">→</span>}
                  {predicted === undefined ? '–' : classes[predicted]} {predicted === image.label ? '✓' : '✗'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <dl className="numbers grid min-w-0 grid-cols-[auto_minmax(0,1fr)] gap-x-3">
        <dt className="text-ink-soft">{t('audit.trueClass')}</dt>
        <dd>{classes[image.label]}</dd>
        <dt className="text-ink-soft">{t('audit.itsProbability')}</dt>
        <dd>
          {judged.confidence.purifier === undefined ? probability : t('audit.probabilityPurified', { values: probability, purified: percent(judged.confidence.purifier) })}
        </dd>
        {judged.pValue !== null && (
          <>
            <dt className="text-ink-soft">{t('detector')}</dt>
            <dd>
              {said('audit.flags', {
                verdict: <span className={judged.pValue <= alpha ? 'text-suspicious' : ''}>{judged.pValue <= alpha ? t('audit.flagsIt') : t('audit.letsPass')}</span>,
                share: inWords(judged.pValue),
              })}
            </dd>
          </>
        )}
        <dt className="text-ink-soft">{t('audit.change')}</dt>
        <dd>
          {!attacked ? t('audit.unchanged') : image.queries === null ? sizes : t('audit.queries', { sizes, n: image.queries })}
        </dd>
      </dl>
    </div>
  )
}

/** Rows of a minimum-norm attack share a run, and what it broke depends on the strength. */
const rowKey = ({ run, eps }: Pick<AuditRow, 'run' | 'eps'>): string => `${run} ${eps}`

export function ImagesView({ jobId, report }: { jobId: string; report: AuditReport }) {
  const [wanted, setWanted] = useState<string | null>(null)
  const { run, eps } = report.runs.find((row) => rowKey(row) === wanted) ?? report.runs[0] ?? {}
  const row = useMemo(() => (run === undefined || eps === undefined ? null : { jobId, run, eps }), [jobId, run, eps])
  const { images, error, loading, filter, image, opened, openError } = useAuditImages()
  const current = images.find((each) => each.image === image)
  useEffect(() => {
    if (row) void showRun(row)
  }, [row])
  const [swapped, setSwapped] = useState(false)
  const keys = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as Element).closest('select, input') || !row) return
    const by = { ArrowDown: 1, ArrowRight: 1, j: 1, ArrowUp: -1, ArrowLeft: -1, k: -1 }[event.key] as 1 | -1 | undefined
    if (by) stepImage(row, by)
    else if (event.key.toLowerCase() === 'x') setSwapped((now) => !now)
    else return
    event.preventDefault()
  }
  if (!row) return <p className="m-auto text-ink-soft">{t('audit.noRunYet')}</p>
  return (
    <div className="flex min-h-0 min-w-0 flex-1" onKeyDown={keys}>
      <aside aria-label={t('audit.tab.images')} className="flex w-64 2xl:w-72 shrink-0 flex-col gap-2 border-r border-line bg-panel pt-2.5">
        <SelectField
          className="px-2.5"
          label={t('audit.run')}
          value={rowKey(row)}
          choices={report.runs.map((each) => ({ value: rowKey(each), label: `${threatName(each.threat)}: ${rowName(each)} ${strength(each.eps, each.norm)}` }))}
          onChange={({ target }) => setWanted(target.value)}
        />
        <div role="group" aria-label={t('audit.filterLabel')} title={t('audit.filterHint')} className="mx-2.5 flex gap-0.5 rounded-md bg-ground p-0.5">
          {filters.map((id) => (
            <button key={id} type="button" aria-pressed={filter === id} className={`flex-auto rounded px-0.5 py-1 text-xs ${filter === id ? 'bg-raised text-ink' : 'text-ink-soft hover:text-ink'}`} onClick={() => useAuditImages.setState({ filter: id })}>
              {t(`audit.filter.${id}`)} <span className="numbers block">{filterImages(images, id).length}</span>
            </button>
          ))}
        </div>
        {images.some((each) => defenceOf(each) === 'purifier') && <p className="-mt-1 px-3 text-2xs text-ink-soft">{t('audit.filterNote')}</p>}
        {error ? (
          <div className="p-2.5">
            <Problem title={t('audit.unlisted')} error={error} />
          </div>
        ) : loading ? (
          <p className="p-4 text-center text-ink-soft">{t('audit.readingImages')}</p>
        ) : (
          <List row={row} classes={report.model.classes} />
        )}
      </aside>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        {openError ? (
          <div className="m-auto p-6">
            <Problem title={t('audit.notOpened')} error={openError} />
          </div>
        ) : opened ? (
          <AttackViews key={opened.view.run.id} opened={opened} swapped={swapped} onSwap={() => setSwapped(!swapped)} />
        ) : (
          <p className="m-auto text-ink-soft">{t('audit.chooseImage')}</p>
        )}
        {current && opened && <Answers image={current} classes={report.model.classes} alpha={report.alpha} />}
      </div>
    </div>
  )
}
