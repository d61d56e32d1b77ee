/** The tag browser: what a DICOM file says of itself, searched from the keyboard. What tells of a person is behind one button. */
import { plural, t } from '../../language'
import { Check, Copy, EyeOff, LoaderCircle, Search, ShieldCheck, UserRound } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import type { DicomTag } from '../../../shared/types'
import { copyText } from '../../platform/clipboard'
import { closeTags, hidePatientData, loadTagsAgain, revealPatientData, useTags } from '../../state/tags'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { Sheet } from '../../ui/Sheet'
import { withName } from '../../wording/about-file'
import { countBelow, foldedAtFirst, tagRows } from './tag-rows'
import type { TagRow } from './tag-rows'
import { TagTable } from './TagTable'

const Centred = ({ children }: { children: ReactNode }) => <div className="flex min-h-0 flex-1 items-center justify-center text-ink-soft">{children}</div>

/** The one button, and what it is about. Of fixed size, whichever way it stands. */
function Privacy({ hiddenCount }: { hiddenCount: number }) {
  const revealed = useTags((state) => state.revealed !== null)
  const busy = useTags((state) => state.busy)
  return (
    <div className={`flex h-9 items-center gap-2 rounded-md pr-1 pl-3 ${revealed ? 'bg-suspicious-deep text-suspicious' : 'bg-raised text-ink-soft'}`}>
      {revealed ? <UserRound size={15} aria-hidden /> : <ShieldCheck size={15} aria-hidden />}
      <span role="status">{revealed ? t('tags.shown') : hiddenCount > 0 ? t('tags.hiddenCount', { count: hiddenCount }) : t('tags.hidden')}</span>
      <Button weight="quiet" disabled={busy} onClick={revealed ? hidePatientData : revealPatientData}>
        {revealed ? <EyeOff size={14} aria-hidden /> : <UserRound size={14} aria-hidden />}
        {revealed ? t('tags.hide') : t('tags.show')}
      </Button>
    </div>
  )
}

/** Told where it happens: a note at the window's edge is out of reach for screen readers while the sheet is open. */
type Copying = { index: number; done: boolean } | null

function Detail({ row, copying, onCopy }: { row: TagRow | undefined; copying: Copying; onCopy: (row: TagRow) => void }) {
  if (!row) return <div className="mt-3 h-24 shrink-0" />
  const { tag, vr, name, value, hidden } = row.tag
  const copied = copying?.index === row.index ? copying : null
  return (
    <section aria-label={t('tags.selected')} className="mt-3 flex h-24 shrink-0 gap-3 rounded-lg border border-line px-3 py-2">
      <div className="min-w-0 flex-1 overflow-y-auto">
        <div className="text-xs text-ink-soft">
          <span className="numbers">{tag}</span> {vr} · {name || t('tags.unknown')}
        </div>
        <p className="selectable mt-0.5 break-words whitespace-pre-wrap" data-tag-value>
          {hidden ? <span className="text-ink-soft italic">{t('tags.tells')}</span> : value || <span className="text-ink-soft">{t('tags.empty')}</span>}
        </p>
      </div>
      <div className="flex w-28 shrink-0 flex-col gap-1">
        <Button disabled={hidden || value === ''} title={t('tags.copyHint')} onClick={() => onCopy(row)}>
          {copied?.done ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />} {t('tags.copy')}
        </Button>
        <span role="status" className={`text-center text-2xs ${copied?.done === false ? 'text-danger' : 'text-ink-soft'}`}>
          {copied && (copied.done ? t('tags.copied') : t('tags.notCopied'))}
        </span>
      </div>
    </section>
  )
}

function Browser({ tags }: { tags: readonly DicomTag[] }) {
  const below = useMemo(() => countBelow(tags), [tags])
  const [query, setQuery] = useState('')
  const [folded, setFolded] = useState<ReadonlySet<number>>(() => foldedAtFirst(tags, below))
  const [activeIndex, setActiveIndex] = useState(0)
  const [copying, setCopying] = useState<Copying>(null)
  const rows = useMemo(() => tagRows(tags, below, folded, query), [tags, below, folded, query])
  const hiddenCount = useMemo(() => tags.filter(({ hidden }) => hidden).length, [tags])
  const foundCount = useMemo(() => rows.filter(({ found }) => found).length, [rows])
  // The active element stays the same while rows come and go around it; where it is gone, the first one takes over.
  const at = rows.findIndex(({ index }) => index === activeIndex)
  const active = at >= 0 ? at : Math.max(0, rows.findIndex(({ found }) => found))

  const fold = (row: TagRow, close: boolean): void => {
    const next = new Set(folded)
    if (close) next.add(row.index)
    else next.delete(row.index)
    setFolded(next)
  }
  const copy = (row: TagRow): void => {
    if (!row.tag.hidden && row.tag.value) void copyText(row.tag.value).then((done) => setCopying({ index: row.index, done }))
  }
  const toList = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key !== 'ArrowDown' && event.key !== 'Enter') return
    event.preventDefault()
    event.currentTarget.closest('[role="dialog"]')?.querySelector<HTMLElement>('[data-tags]')?.focus()
  }
  return (
    <>
      <div className="mt-3 mb-3 flex items-center gap-3">
        <label className="relative flex h-9 min-w-0 flex-1 items-center">
          <Search size={15} className="pointer-events-none absolute left-3 text-ink-soft" aria-hidden />
          <input
            type="search"
            autoFocus
            aria-label={t('tags.search')}
            placeholder={t('tags.searchHint')}
            value={query}
            spellCheck={false}
            autoComplete="off"
            className="h-full w-full rounded-md border border-line-strong bg-ground pr-3 pl-9 placeholder:text-ink-soft"
            onChange={(event) => setQuery(event.target.value)}
            onKeyDown={toList}
          />
        </label>
        <span role="status" className="numbers w-32 text-right text-xs text-ink-soft">
          {query.trim() ? t('part', { part: foundCount, whole: tags.length }) : plural('tags.elements', tags.length)}
        </span>
        <Privacy hiddenCount={hiddenCount} />
      </div>
      {rows.length > 0 ? (
        <TagTable rows={rows} active={active} onActive={(next) => setActiveIndex(rows[next]?.index ?? 0)} onFold={fold} onCopy={copy} />
      ) : (
        <Centred>{[t('tags.none', { query: query.trim() }), ...(hiddenCount > 0 ? [t('tags.hiddenUnsearched')] : [])].join(' ')}</Centred>
      )}
      <Detail row={rows[active]} copying={copying} onCopy={copy} />
    </>
  )
}

function Content() {
  const { withheld, revealed, error, row } = useTags()
  const tags = revealed ?? withheld
  if (error && row)
    return (
      <Centred>
        <Problem title={t('tags.unreadable')} error={{ ...error, message: withName(error.message, row.result.path) }}>
          <Button onClick={loadTagsAgain}>{t('tryAgain')}</Button>
        </Problem>
      </Centred>
    )
  if (!tags)
    return (
      <Centred>
        <span role="status" className="flex items-center gap-2">
          <LoaderCircle size={17} className="animate-spin text-accent" aria-hidden /> {t('tags.reading')}
        </span>
      </Centred>
    )
  if (tags.length === 0) return <Centred>{t('tags.noTags')}</Centred>
  return <Browser tags={tags} />
}

export function TagSheet() {
  const open = useTags((state) => state.open)
  const name = useTags((state) => state.row?.name)
  return (
    <Sheet open={open} title={name ? t('tags.titleOf', { name }) : t('tags.title')} onClose={closeTags} size="tall">
      <Content />
      <div className="mt-3 flex justify-end">
        <Button weight="primary" onClick={closeTags}>
          {t('close')}
        </Button>
      </div>
    </Sheet>
  )
}
