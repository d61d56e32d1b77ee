/** The main area once there are results: the open study, or why there is none. */
import { t } from '../../language'
import { LoaderCircle } from 'lucide-react'
import type { ReactNode } from 'react'
import type { SerializedError } from '../../../shared/errors'
import { withKeys } from '../../shortcuts/named'
import { showFrame, useFrames } from '../../state/frames'
import { openRow, useOpening } from '../../state/opening'
import type { OpeningPlace } from '../../state/opening'
import { rowOfView } from '../../state/rows'
import type { Openable } from '../../state/rows'
import { hasFile, openTags } from '../../state/tags'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { withName } from '../../wording/about-file'
import { capitalised, frameOfAll, frameWord } from '../../wording/frames'
import { FrameStrip } from '../../viewer/FrameStrip'
import { Viewer } from '../../viewer/Viewer'
import { useViewer } from '../../viewer/viewer-store'
import { ViewerToolbar } from '../../viewer/ViewerToolbar'
import { pickAndScreen } from './AddMenu'
import { VerdictPanel } from './VerdictPanel'

const Centred = ({ children }: { children: ReactNode }) => <div className="flex min-h-0 flex-1 items-center justify-center p-8 text-ink-soft">{children}</div>

/** @param place the page that it is on; what is open on another page is not shown */
export function OpenedScan({ place }: { place: OpeningPlace }) {
  const here = useOpening((state) => state.place === place)
  return here ? <Opened place={place} /> : <Centred>{t('screen.chooseScan')}</Centred>
}

function Opened({ place }: { place: OpeningPlace }) {
  const { row, busy, error } = useOpening()
  const study = useViewer((state) => state.study)
  const { count, word: wordOfFrames, broken } = useFrames()
  if (row?.result.status === 'error' && row.result.error) {
    const { error: why, path } = row.result
    return (
      <Centred>
        <Problem title={t('screen.couldNot', { name: row.name })} error={{ ...why, message: withName(why.message, path) }}>
          {place === 'screen' && <Button onClick={() => void pickAndScreen('files')}>{t('screen.chooseAnother')}</Button>}
          {hasFile(row) && (
            <Button weight="quiet" title={withKeys(t('view.tagsHint'), 'tags')} onClick={openTags}>
              {t('screen.tags')}
            </Button>
          )}
        </Problem>
      </Centred>
    )
  }
  if (row && error)
    return (
      <Centred>
        <Problem title={t('screen.couldNotOpen', { name: row.name })} error={{ ...error, message: withName(error.message, row.result.path) }}>
          <Button onClick={() => void openRow(row, place)}>{t('tryAgain')}</Button>
        </Problem>
      </Centred>
    )
  if (study || (row && broken)) {
    const view = study?.view
    const word = view ? frameWord(view) : wordOfFrames
    const frames = view?.frames ?? count
    // While another file is being opened, verdict and pictures are still those of the one before: so are its name and frame.
    const shown = rowOfView(row, view)
    return (
      // In a small window the verdict stands below the views, as tall as it is, and both scroll.
      <div className="relative flex min-h-0 min-w-0 flex-1 flex-col max-xl:overflow-y-auto" aria-busy={busy}>
        <ViewerToolbar title={shown?.name ?? view?.fileName ?? ''} frame={frameOfAll(word, view?.frame ?? broken?.frame ?? 1, frames)} />
        <div className="flex min-h-0 flex-1 max-xl:min-h-72">
          {study ? <Viewer study={study} /> : row && broken && <BrokenFrame row={row} broken={broken} which={frameOfAll(word, broken.frame, frames)} />}
          {/* Beside a frame that could not be opened too: the others can still be reached, and a drag goes on. */}
          {frames > 1 && <FrameStrip word={word} shown={view?.frame ?? null} listed={shown?.result.frame ?? 1} />}
        </div>
        {view && <VerdictPanel view={view} listed={shown?.result.frame ?? view.frame} />}
        {busy && (
          <div className="absolute inset-0 z-10 flex items-center justify-center bg-ground/60">
            <Opening name={row?.name ?? ''} />
          </div>
        )}
      </div>
    )
  }
  return <Centred>{busy && row ? <Opening name={row.name} /> : t('screen.chooseScan')}</Centred>
}

/** One frame of several that could not be opened. */
function BrokenFrame({ row, broken: { frame, error }, which }: { row: Openable; broken: { frame: number; error: SerializedError }; which: string }) {
  return (
    <Centred>
      <Problem title={t('screen.couldNotOpen', { name: capitalised(which) })} error={{ ...error, message: withName(error.message, row.result.path) }}>
        <Button onClick={() => showFrame(frame)}>{t('tryAgain')}</Button>
      </Problem>
    </Centred>
  )
}

function Opening({ name }: { name: string }) {
  return (
    <span role="status" className="flex items-center gap-2 rounded-lg bg-raised px-4 py-2.5 text-ink">
      <LoaderCircle size={17} className="animate-spin text-accent" aria-hidden /> {t('screen.opening', { name })}
    </span>
  )
}
