/** The main area once there are results: the open study, or why there is none. */
import { LoaderCircle } from 'lucide-react'
import type { ReactNode } from 'react'
import { openRow, useOpening } from '../../state/opening'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { withName } from '../../wording/about-file'
import { Viewer } from '../../viewer/Viewer'
import { useViewer } from '../../viewer/viewer-store'
import { ViewerToolbar } from '../../viewer/ViewerToolbar'
import { pickAndScreen } from './AddMenu'
import { VerdictPanel } from './VerdictPanel'

const Centred = ({ children }: { children: ReactNode }) => <div className="flex min-h-0 flex-1 items-center justify-center p-8 text-ink-soft">{children}</div>

export function OpenedScan() {
  const { row, busy, error } = useOpening()
  const study = useViewer((state) => state.study)
  if (row?.result.status === 'error' && row.result.error) {
    const { error: why, path } = row.result
    return (
      <Centred>
        <Problem title={`${row.name} could not be screened`} error={{ ...why, message: withName(why.message, path) }}>
          <Button onClick={() => void pickAndScreen('files')}>Choose another file</Button>
        </Problem>
      </Centred>
    )
  }
  if (row && error)
    return (
      <Centred>
        <Problem title={`${row.name} could not be opened`} error={{ ...error, message: withName(error.message, row.result.path) }}>
          <Button onClick={() => void openRow(row)}>Try again</Button>
        </Problem>
      </Centred>
    )
  if (study)
    return (
      <div className="relative flex min-h-0 min-w-0 flex-1 flex-col" aria-busy={busy}>
        <ViewerToolbar title={row?.name ?? study.view.fileName} />
        <Viewer study={study} />
        <VerdictPanel view={study.view} />
        {busy && (
          <div className="absolute inset-0 z-10 flex items-center justify-center bg-ground/60">
            <Opening name={row?.name ?? ''} />
          </div>
        )}
      </div>
    )
  return <Centred>{busy && row ? <Opening name={row.name} /> : 'Choose a scan in the list to see it.'}</Centred>
}

function Opening({ name }: { name: string }) {
  return (
    <span role="status" className="flex items-center gap-2 rounded-lg bg-raised px-4 py-2.5 text-ink">
      <LoaderCircle size={17} className="animate-spin text-accent" aria-hidden /> Opening {name}
    </span>
  )
}
