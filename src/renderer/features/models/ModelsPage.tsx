/** Models: the installed bundles on the left; on the right the one that is looked at, its calibration, or the import of a foreign model. */
import { Boxes, Gauge, Undo2, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { t } from '../../language'
import { findCalibration, forgetCalibration, isRunning, showCalibration, useCalibrating } from '../../state/calibrating'
import { useImporting } from '../../state/importing'
import { forgetRemoved, keyOf, restoreBundle, selectBundle, useModels } from '../../state/models'
import { useSession } from '../../state/session'
import { Button } from '../../ui/Button'
import { fileName } from '../../wording/amounts'
import { AddButtons, BundleList } from './BundleList'
import { BundleView } from './BundleView'
import { CalibrateView } from './CalibrateView'
import { ImportView } from './ImportView'

function Empty() {
  return (
    <div className="m-auto max-w-xl p-8 text-center">
      <Boxes size={34} className="mx-auto text-accent" aria-hidden />
      <h2 className="mt-3 text-xl font-semibold">{t('models.emptyTitle')}</h2>
      <p className="mt-1.5 text-ink-soft">
        {t('models.emptyText')}
      </p>
      <div className="mx-auto mt-5 w-72">
        <AddButtons />
      </div>
    </div>
  )
}

function Undo() {
  const removed = useModels((state) => state.removed)
  if (!removed) return null
  return (
    <div role="status" className="flex shrink-0 items-center gap-2.5 border-b border-line bg-raised px-4 py-1.5">
      {t('models.removed', { name: removed.name })}
      <Button onClick={() => void restoreBundle()}>
        <Undo2 size={15} aria-hidden /> {t('models.bringBack')}
      </Button>
      <Button weight="quiet" className="ml-auto" aria-label={t('dismiss')} onClick={forgetRemoved}>
        <X size={15} aria-hidden />
      </Button>
    </div>
  )
}

/** A calibration that runs, or that has ended, while the page shows something else. */
function CalibrationNote() {
  const { run, view } = useCalibrating()
  if (!run || view === 'run') return null
  const running = isRunning(run)
  return (
    <div role="status" className="flex shrink-0 items-center gap-2.5 border-b border-line bg-raised px-4 py-1.5" data-calibration-note>
      <Gauge size={15} className="shrink-0 text-accent" aria-hidden />
      <span className="min-w-0 truncate">{t(running ? 'calibrate.noteRuns' : run.error ? 'calibrate.noteFailed' : 'calibrate.noteDone', { name: run.from, data: fileName(run.data) })}</span>
      <Button onClick={showCalibration}>{t(running ? 'calibrate.showProgress' : 'calibrate.showResult')}</Button>
      {!running && (
        <Button weight="quiet" className="ml-auto" aria-label={t('dismiss')} onClick={forgetCalibration}>
          <X size={15} aria-hidden />
        </Button>
      )}
    </div>
  )
}

export function ModelsPage() {
  const bundles = useSession((state) => state.bundles)
  const selected = useModels((state) => state.selected)
  const importing = useImporting((state) => state.phase !== 'closed')
  const calibrating = useCalibrating((state) => state.view !== 'closed')
  const bundle = bundles.find((each) => keyOf(each) === selected)
  useEffect(() => void findCalibration(), [])
  // Something is looked at from the start: the bundle that screens, else the first.
  useEffect(() => {
    const { bundleId } = useSession.getState()
    const first = bundles.find(({ id }) => id === bundleId) ?? bundles[0]
    if (!bundle && first) void selectBundle(first)
  }, [bundle, bundles])
  // The button that ended an import, a calibration or a removal is gone, and the focus with it: it goes on at what is shown now.
  const before = useRef({ importing, calibrating, selected })
  useEffect(() => {
    const changed = before.current.importing !== importing || before.current.calibrating !== calibrating || (before.current.selected !== null && before.current.selected !== selected)
    before.current = { importing, calibrating, selected }
    if (changed && document.activeElement === document.body) document.querySelector<HTMLElement>('[data-bundle][aria-current]')?.focus()
  }, [importing, calibrating, selected])
  return (
    <div className="flex min-h-0 flex-1">
      <BundleList />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <Undo />
        <CalibrationNote />
        {importing ? <ImportView /> : calibrating ? <CalibrateView /> : bundle ? <BundleView bundle={bundle} /> : <Empty />}
      </div>
    </div>
  )
}
