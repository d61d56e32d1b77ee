/** How long the folders of ended jobs are kept. A shorter time deletes at once, so it says first what. */
import { LoaderCircle } from 'lucide-react'
import { useState } from 'react'
import { serializeError } from '../../../shared/errors'
import type { SerializedError } from '../../../shared/errors'
import type { ExpiredJobs } from '../../../shared/settings'
import { jobKindSchema } from '../../../shared/types'
import { date, number, plural, t } from '../../language'
import { platform } from '../../platform'
import { changeSettings, useSettings } from '../../state/settings'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { Sheet } from '../../ui/Sheet'
import { fileSize } from '../../wording/models'

const offered = [7, 30, 90, 365]
const inDays = (days: number): string => plural('settings.days', days)

/** One that a later Assay made is called as that one called it. */
function kindName(kind: string): string {
  const known = jobKindSchema.safeParse(kind)
  return known.success ? t(`settings.kind.${known.data}`) : kind
}

type Asking = { days: number; found: ExpiredJobs | null; error: SerializedError | null }

function Consequences({ days, found }: { days: number; found: ExpiredJobs }) {
  if (found.count === 0 || found.oldest === null) return t('settings.retentionNothing', { days: inDays(days) })
  const kinds = Object.entries(found.kinds)
    .map(([kind, count]) => `${number(count)} × ${kindName(kind)}`)
    .join(', ')
  return plural('settings.retentionDeletes', found.count, { kinds, days: inDays(days), oldest: date(found.oldest), size: fileSize(found.bytes) })
}

export function Retention(ids: { id: string; 'aria-describedby': string }) {
  const kept = useSettings((state) => state.settings.retentionDays)
  const [asking, setAsking] = useState<Asking | null>(null)
  const choices = [...new Set([...offered, ...(kept === null ? [] : [kept])])].sort((a, b) => a - b)

  const ask = (days: number): void => {
    setAsking({ days, found: null, error: null })
    const mine = (update: Partial<Asking>) => setAsking((now) => (now?.days === days ? { ...now, ...update } : now))
    platform.call('settings.expired', { days }).then(
      (found) => mine({ found }),
      (error: unknown) => mine({ error: serializeError(error) }),
    )
  }
  const choose = (value: string): void => {
    if (value === '') void changeSettings({ retentionDays: null })
    else ask(Number(value))
  }
  const agree = (days: number): void => {
    setAsking(null)
    void changeSettings({ retentionDays: days })
  }
  return (
    <>
      <select className="h-8 min-w-40 rounded-md border border-line-strong bg-ground px-2 focus-visible:border-accent" value={kept ?? ''} onChange={({ target }) => choose(target.value)} {...ids}>
        <option value="">{t('settings.forEver')}</option>
        {choices.map((days) => (
          <option key={days} value={days}>
            {inDays(days)}
          </option>
        ))}
      </select>
      <Sheet open={asking !== null} title={t('settings.retentionTitle')} onClose={() => setAsking(null)}>
        <div role="status" className="mt-3 min-h-16 text-sm leading-relaxed">
          {asking?.error ? (
            <Problem title={t('settings.failed')} error={asking.error} />
          ) : asking?.found ? (
            <Consequences days={asking.days} found={asking.found} />
          ) : (
            <span className="flex items-center gap-2 text-ink-soft">
              <LoaderCircle size={15} className="animate-spin text-accent" aria-hidden /> {t('settings.retentionCounting')}
            </span>
          )}
        </div>
        <div className="mt-5 flex justify-end gap-2">
          <Button autoFocus onClick={() => setAsking(null)}>
            {t('cancel')}
          </Button>
          <Button weight="primary" disabled={!asking?.found} onClick={() => asking && agree(asking.days)}>
            {asking?.found?.count === 0 ? t('settings.retentionAgree') : t('settings.retentionConfirm')}
          </Button>
        </div>
      </Sheet>
    </>
  )
}
