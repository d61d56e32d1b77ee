/** Before the first scan: where to drop, what to pick, and samples that show the whole thing in one click. */
import { t } from '../../language'
import { FileImage, FolderOpen, ScanLine } from 'lucide-react'
import { useSession } from '../../state/session'
import { screenSample } from '../../state/screening'
import { Button } from '../../ui/Button'
import { pickAndScreen } from './AddMenu'

function Samples() {
  const samples = useSession((state) => state.samples)
  if (samples.length === 0) return null
  return (
    <section className="mt-7" aria-label={t('screen.samples')}>
      <h2 className="mb-2 text-ink-soft">{t('screen.trySample')}</h2>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(12rem,1fr))] gap-2">
        {samples.map((sample) => (
          <li key={sample.id}>
            <button
              type="button"
              data-sample={sample.id}
              className="flex h-full w-full flex-col rounded-lg border border-line bg-panel p-3 text-left hover:border-accent hover:bg-raised"
              onClick={() => void screenSample(sample)}
            >
              <span className="font-semibold">{sample.title}</span>
              <span className="mt-0.5 block text-xs text-ink-soft">{sample.description}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

export function EmptyState() {
  return (
    <div className="flex min-h-0 flex-1 overflow-y-auto">
      <div className="m-auto w-full max-w-4xl p-8">
        <div className="rounded-2xl border border-dashed border-line-strong bg-panel/60 px-8 py-12 text-center">
          <ScanLine size={34} className="mx-auto text-accent" aria-hidden />
          <h2 className="mt-3 text-xl font-semibold">{t('screen.emptyTitle')}</h2>
          <p className="mx-auto mt-1.5 max-w-lg text-ink-soft">{t('screen.emptyText')}</p>
          <div className="mt-5 flex justify-center gap-2">
            <Button weight="primary" className="h-9! px-4!" onClick={() => void pickAndScreen('files')}>
              <FileImage size={16} aria-hidden /> {t('screen.chooseFiles')}
            </Button>
            <Button className="h-9! px-4!" onClick={() => void pickAndScreen('folder')}>
              <FolderOpen size={16} aria-hidden /> {t('screen.chooseFolder')}
            </Button>
          </div>
          <p className="mt-4 text-xs text-ink-soft">{t('screen.formats')}</p>
        </div>
        <Samples />
      </div>
    </div>
  )
}
