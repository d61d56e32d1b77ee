/** What was screened on this machine: searched, exported, and checked for having been touched. */
import { useEffect } from 'react'
import { t } from '../../language'
import { refreshHistory, useHistory } from '../../state/history'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { CheckOutcome } from './CheckOutcome'
import { HistoryBar } from './HistoryBar'
import { HistoryTable } from './HistoryTable'
import { RecordSheet } from './RecordSheet'

function Empty() {
  return (
    <div className="flex min-h-0 flex-1 items-center justify-center p-8">
      <div className="max-w-md text-center text-ink-soft">
        <h2 className="text-lg font-semibold text-ink">{t('history.empty')}</h2>
        <p className="mt-1">
          {t('history.emptyText')}
        </p>
        <div className="mt-4 flex justify-center gap-2">
          <Button weight="primary" onClick={() => (window.location.hash = '#/screen')}>
            {t('history.screenScan')}
          </Button>
          <Button onClick={() => (window.location.hash = '#/batch')}>{t('history.startBatch')}</Button>
        </div>
      </div>
    </div>
  )
}

export function HistoryPage() {
  const total = useHistory((state) => state.total)
  const error = useHistory((state) => state.error)
  const touched = useHistory((state) => state.check !== null || state.checkError !== null)
  useEffect(() => void refreshHistory(), [])
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <HistoryBar />
      <CheckOutcome />
      {error ? (
        <div className="p-4">
          <Problem title={t('history.unreadable')} error={error}>
            <Button onClick={() => void refreshHistory()}>{t('tryAgain')}</Button>
          </Problem>
        </div>
      ) : total === 0 && !touched ? (
        <Empty />
      ) : (
        <div className="flex min-h-0 flex-1">
          <HistoryTable />
          <RecordSheet />
        </div>
      )}
    </div>
  )
}
