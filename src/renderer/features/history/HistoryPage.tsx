/** What was screened on this machine: searched, exported, and checked for having been touched. */
import { useEffect } from 'react'
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
        <h2 className="text-lg font-semibold text-ink">Nothing was screened yet</h2>
        <p className="mt-1">
          Every scan that is screened, here or on the command line, is written down with its verdict and the models that gave it. Files are named by a mark, not by their path, and nothing of a
          patient is kept.
        </p>
        <div className="mt-4 flex justify-center gap-2">
          <Button weight="primary" onClick={() => (window.location.hash = '#/screen')}>
            Screen a scan
          </Button>
          <Button onClick={() => (window.location.hash = '#/batch')}>Start a batch</Button>
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
          <Problem title="The history could not be read" error={error}>
            <Button onClick={() => void refreshHistory()}>Try again</Button>
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
