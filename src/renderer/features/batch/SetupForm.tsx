/** A new batch: which files, with which bundle, and where the results go. */
import { FileImage, FolderOpen, LoaderCircle, Play, X } from 'lucide-react'
import type { ReactNode } from 'react'
import type { BundleSummary, ProviderChoice } from '../../../shared/types'
import { platform } from '../../platform'
import { alphaOf, problemsOf } from '../../state/batch-form'
import type { BatchForm, BatchProblems } from '../../state/batch-form'
import { cancelFiles, changeForm, startBatch, takeFiles, useBatches } from '../../state/batches'
import { canUse, useSession } from '../../state/session'
import { Button } from '../../ui/Button'
import { SelectField, TextArea, TextField } from '../../ui/Field'
import { Problem } from '../../ui/Problem'
import { fileName } from '../../wording/amounts'
import { files } from '../../wording/batch'
import { alphaInWords } from '../../wording/probability'

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <fieldset className="relative min-w-0 rounded-lg border border-line bg-panel p-3.5">
    <legend className="float-left mb-2 w-full font-semibold">{title}</legend>
    <div className="clear-both">{children}</div>
  </fieldset>
)

const pick = async (what: 'files' | 'folder'): Promise<void> => takeFiles(await platform.pick(what))

/** What was chosen or dropped, as far as a person wants to read it. */
function Handed({ paths }: { paths: readonly string[] }) {
  const { intake } = useBatches()
  if (intake)
    return (
      <p role="status" className="numbers text-xs text-ink-soft">
        Copying {intake.done} of {intake.total} files{' '}
        <button type="button" className="underline" onClick={cancelFiles}>
          Cancel
        </button>
      </p>
    )
  if (paths.length === 0) return <p className="text-xs text-ink-soft">or drop files and folders anywhere on the window</p>
  return (
    <p className="flex min-w-0 items-center gap-1.5 text-xs" data-handed={paths.length}>
      <span className="min-w-0 truncate" title={paths.slice(0, 20).join('\n')}>
        {paths.length === 1 ? fileName(paths[0]!) : `${fileName(paths[0]!)} and ${(paths.length - 1).toLocaleString('en')} more`}
      </span>
      <button type="button" aria-label="Leave out what was chosen" className="shrink-0 rounded p-0.5 text-ink-soft hover:text-ink" onClick={() => changeForm({ handed: [] })}>
        <X size={14} aria-hidden />
      </button>
    </p>
  )
}

function Files({ form, problems }: { form: BatchForm; problems: BatchProblems }) {
  const copies = platform.kind === 'browser' ? '. Type paths where you can: the buttons make copies' : ''
  return (
    <Part title="Which files">
      <TextArea
        label="Folders and files, one path a line"
        rows={3}
        placeholder="/data/archive"
        hint={`Folders are searched through and through. DICOM, NIfTI, PNG, JPEG, TIFF, BMP or WebP${copies}`}
        problem={form.typed.trim() ? problems.paths : undefined}
        value={form.typed}
        onChange={({ target }) => changeForm({ typed: target.value })}
      />
      <div className="mt-2 flex items-center gap-1.5">
        <Button onClick={() => void pick('folder')}>
          <FolderOpen size={15} aria-hidden /> Folder
        </Button>
        <Button className="mr-1.5" onClick={() => void pick('files')}>
          <FileImage size={15} aria-hidden /> Files
        </Button>
        <Handed paths={form.handed} />
      </div>
    </Part>
  )
}

const aboutBundle = (bundle: BundleSummary): string => `${bundle.name}${canUse(bundle) ? '' : ' (cannot screen)'}`

function How({ form, problems }: { form: BatchForm; problems: BatchProblems }) {
  const { bundles, providers, alpha: usual } = useSession()
  const alpha = alphaOf(form, { alpha: usual })
  const bundle = bundles.find(({ id }) => id === form.bundle)
  return (
    <Part title="How">
      <div className="grid grid-cols-3 gap-3">
        <SelectField
          label="Bundle"
          problem={problems.bundle}
          hint={bundle && bundle.classes.join(' / ')}
          value={form.bundle}
          choices={[{ value: '', label: 'Choose a bundle' }, ...bundles.filter(({ error }) => !error).map((each) => ({ value: each.id, label: aboutBundle(each) }))]}
          onChange={({ target }) => changeForm({ bundle: target.value })}
        />
        <TextField
          label="False alarms allowed (α)"
          inputMode="decimal"
          problem={problems.alpha}
          hint={`${alphaInWords(Number(alpha) || usual)} untouched scans will be flagged`}
          value={alpha}
          onChange={({ target }) => changeForm({ alpha: target.value })}
        />
        <SelectField
          label="Computed on"
          value={form.provider}
          choices={[{ value: '', label: 'As set at the top right' }, ...providers.map((each) => ({ value: each, label: each }))]}
          onChange={({ target }) => changeForm({ provider: target.value as ProviderChoice | '' })}
        />
      </div>
    </Part>
  )
}

function Results({ form, problems }: { form: BatchForm; problems: BatchProblems }) {
  return (
    <Part title="Where the results go">
      <TextField
        label="Output folder, if they are wanted outside Assay"
        placeholder="none: kept by Assay"
        hint="results.jsonl and results.csv are written there, and nothing that is there is overwritten"
        problem={problems.out}
        value={form.out}
        onChange={({ target }) => changeForm({ out: target.value })}
      />
      <label className="mt-2 flex items-start gap-2">
        <input type="checkbox" className="mt-0.5 shrink-0 accent-accent" checked={form.heatmaps} onChange={({ target }) => changeForm({ heatmaps: target.checked })} />
        <span>
          Write a heat map picture per file <span className="text-xs text-ink-soft">(the viewer makes them when a file is opened; on disk they take time and room)</span>
        </span>
      </label>
    </Part>
  )
}

/** What the paths hold, before anything is started. */
function Found() {
  const counting = useBatches((state) => state.counting)
  if (!counting) return <p className="text-ink-soft">The number of files is told here before anything starts.</p>
  if (counting.error) return <Problem title="The files could not be counted" error={counting.error} />
  if (!counting.found)
    return (
      <p role="status" className="flex items-center gap-2 text-ink-soft">
        <LoaderCircle size={15} className="animate-spin" aria-hidden /> Looking for files
      </p>
    )
  const { files: count, unreadable, unreadableCount } = counting.found
  return (
    <div role="status" data-found={count}>
      <p className="numbers text-lg font-semibold">{files(count)}</p>
      <p className="text-xs text-ink-soft">{count === 0 ? 'Nothing that could be screened was found.' : 'will be screened. What turns out not to be an image is reported, and the rest goes on.'}</p>
      {unreadableCount > 0 && (
        <ul className="selectable mt-2 max-h-48 space-y-1 overflow-y-auto rounded-md border border-suspicious/40 bg-suspicious-deep/60 px-2.5 py-1.5 text-xs">
          {unreadable.map(({ path, error }) => (
            <li key={path} className="break-words">
              {error.message} <code className="text-2xs text-ink-soft">{error.code}</code>
            </li>
          ))}
          {unreadableCount > unreadable.length && <li>and {unreadableCount - unreadable.length} more</li>}
        </ul>
      )}
    </div>
  )
}

export function SetupForm() {
  const { form, startError, starting, intake, counting } = useBatches()
  const { bundles, alpha } = useSession()
  const problems = problemsOf(form, bundles, { alpha })
  const ready = Object.keys(problems).length === 0 && !starting && !intake && (counting?.found?.files ?? 0) > 0
  return (
    <form
      aria-label="New batch"
      className="flex min-h-0 flex-1"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) void startBatch()
      }}
    >
      <div className="min-h-0 min-w-0 flex-1 overflow-y-auto p-4">
        <div className="max-w-5xl space-y-3">
          <div>
            <h2 className="text-xl font-semibold">New batch</h2>
            <p className="max-w-3xl text-ink-soft">Screens any number of files in one go and keeps the results as a table. It can be stopped, and goes on where it was, also after a power cut. The files stay where they are.</p>
          </div>
          <Files form={form} problems={problems} />
          <How form={form} problems={problems} />
          <Results form={form} problems={problems} />
        </div>
      </div>
      <aside aria-label="What will be screened" className="flex w-72 shrink-0 flex-col border-l border-line bg-panel 2xl:w-80">
        <div className="min-h-0 flex-1 overflow-y-auto p-3">
          <Found />
        </div>
        <div className="space-y-2 border-t border-line p-3">
          {startError && <Problem title="The batch did not start" error={startError} />}
          <Button type="submit" weight="primary" className="h-9! w-full" disabled={!ready}>
            <Play size={15} aria-hidden /> {starting ? 'Starting' : 'Start the batch'}
          </Button>
        </div>
      </aside>
    </form>
  )
}
