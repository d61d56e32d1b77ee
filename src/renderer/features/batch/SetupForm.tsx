/** A new batch: which files, with which bundle, and where the results go. */
import { FileImage, FolderOpen, LoaderCircle, Play, X } from 'lucide-react'
import type { BundleSummary, ProviderChoice } from '../../../shared/types'
import { t } from '../../language'
import { platform } from '../../platform'
import { alphaOf, numberIn, problemsOf } from '../../state/batch-form'
import type { BatchForm, BatchProblems } from '../../state/batch-form'
import { cancelFiles, changeForm, startBatch, takeFiles, useBatches } from '../../state/batches'
import { canUse, useSession } from '../../state/session'
import { Button } from '../../ui/Button'
import { SelectField, TextArea, TextField } from '../../ui/Field'
import { Copying, FormPart, SetupPage } from '../../ui/FormPart'
import { Problem } from '../../ui/Problem'
import { fileName } from '../../wording/amounts'
import { files } from '../../wording/batch'
import { alphaInWords } from '../../wording/probability'

const pick = async (what: 'files' | 'folder'): Promise<void> => takeFiles(await platform.pick(what))

/** What was chosen or dropped, as far as a person wants to read it. */
function Handed({ paths }: { paths: readonly string[] }) {
  const { intake } = useBatches()
  if (intake)
    return (
      <p className="text-xs text-ink-soft">
        <Copying {...intake} onCancel={cancelFiles} />
      </p>
    )
  if (paths.length === 0) return <p className="text-xs text-ink-soft">{t('batch.orDrop')}</p>
  return (
    <p className="flex min-w-0 items-center gap-1.5 text-xs" data-handed={paths.length}>
      <span className="min-w-0 truncate" title={paths.slice(0, 20).join('\n')}>
        {paths.length === 1 ? fileName(paths[0]!) : t('firstAndMore', { first: fileName(paths[0]!), n: paths.length - 1 })}
      </span>
      <button type="button" aria-label={t('batch.leaveOut')} className="shrink-0 rounded p-0.5 text-ink-soft hover:text-ink" onClick={() => changeForm({ handed: [] })}>
        <X size={14} aria-hidden />
      </button>
    </p>
  )
}

function Files({ form, problems }: { form: BatchForm; problems: BatchProblems }) {
  const copies = platform.kind === 'browser' ? `. ${t('batch.copiesHint')}` : ''
  return (
    <FormPart title={t('batch.which')}>
      <TextArea
        label={t('batch.paths')}
        rows={3}
        placeholder="/data/archive"
        hint={`${t('batch.pathsHint')}${copies}`}
        problem={form.typed.trim() ? problems.paths : undefined}
        value={form.typed}
        onChange={({ target }) => changeForm({ typed: target.value })}
      />
      <div className="mt-2 flex flex-wrap items-center gap-1.5">
        <Button onClick={() => void pick('folder')}>
          <FolderOpen size={15} aria-hidden /> {t('screen.folder')}
        </Button>
        <Button className="mr-1.5" onClick={() => void pick('files')}>
          <FileImage size={15} aria-hidden /> {t('screen.files')}
        </Button>
        <Handed paths={form.handed} />
      </div>
    </FormPart>
  )
}

const aboutBundle = (bundle: BundleSummary): string => canUse(bundle) ? bundle.name : t('batch.cannotScreen', { name: bundle.name })

function How({ form, problems }: { form: BatchForm; problems: BatchProblems }) {
  const { bundles, providers, alpha: usual } = useSession()
  const alpha = alphaOf(form, { alpha: usual })
  const bundle = bundles.find(({ id }) => id === form.bundle)
  return (
    <FormPart title={t('batch.how')}>
      <div className="grid grid-cols-3 gap-3">
        <SelectField
          label={t('screen.bundle')}
          problem={problems.bundle}
          hint={bundle && bundle.classes.join(' / ')}
          value={form.bundle}
          choices={[{ value: '', label: t('chooseBundle') }, ...bundles.filter(({ error }) => !error).map((each) => ({ value: each.id, label: aboutBundle(each) }))]}
          onChange={({ target }) => changeForm({ bundle: target.value })}
        />
        <TextField
          label={t('batch.alpha')}
          inputMode="decimal"
          problem={problems.alpha}
          hint={t('batch.alphaHint', { share: alphaInWords(numberIn(alpha) || usual) })}
          value={alpha}
          onChange={({ target }) => changeForm({ alpha: target.value })}
        />
        <SelectField
          label={t('batch.provider')}
          value={form.provider}
          choices={[{ value: '', label: t('batch.providerAsSet') }, ...providers.map((each) => ({ value: each, label: each }))]}
          onChange={({ target }) => changeForm({ provider: target.value as ProviderChoice | '' })}
        />
      </div>
    </FormPart>
  )
}

function Results({ form, problems }: { form: BatchForm; problems: BatchProblems }) {
  return (
    <FormPart title={t('batch.where')}>
      <TextField
        label={t('batch.out')}
        placeholder={t('batch.outNone')}
        hint={t('batch.outHint')}
        problem={problems.out}
        value={form.out}
        onChange={({ target }) => changeForm({ out: target.value })}
      />
      <label className="mt-2 flex items-start gap-2">
        <input type="checkbox" className="mt-0.5 shrink-0 accent-accent" checked={form.heatmaps} onChange={({ target }) => changeForm({ heatmaps: target.checked })} />
        <span>
          {t('batch.heatmaps')} <span className="text-xs text-ink-soft">{t('batch.heatmapsHint')}</span>
        </span>
      </label>
    </FormPart>
  )
}

/** What the paths hold, before anything is started. */
function Found() {
  const counting = useBatches((state) => state.counting)
  if (!counting) return <p className="text-ink-soft">{t('batch.notCounted')}</p>
  if (counting.error) return <Problem title={t('batch.countFailed')} error={counting.error} />
  if (!counting.found)
    return (
      <p role="status" className="flex items-center gap-2 text-ink-soft">
        <LoaderCircle size={15} className="animate-spin" aria-hidden /> {t('batch.counting')}
      </p>
    )
  const { files: count, unreadable, unreadableCount } = counting.found
  return (
    <div role="status" data-found={count}>
      <p className="numbers text-lg font-semibold">{files(count)}</p>
      <p className="text-xs text-ink-soft">{count === 0 ? t('batch.nothingFound') : t('batch.found')}</p>
      {unreadableCount > 0 && (
        <ul className="selectable mt-2 max-h-48 space-y-1 overflow-y-auto rounded-md border border-suspicious/40 bg-suspicious-deep/60 px-2.5 py-1.5 text-xs">
          {unreadable.map(({ path, error }) => (
            <li key={path} className="break-words">
              {error.message} <code className="text-2xs text-ink-soft">{error.code}</code>
            </li>
          ))}
          {unreadableCount > unreadable.length && <li>{t('andMore', { n: unreadableCount - unreadable.length })}</li>}
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
    <SetupPage
      title={t('batch.new')}
      about={t('batch.about')}
      asideLabel={t('batch.willScreen')}
      onSubmit={() => {
        if (ready) void startBatch()
      }}
      aside={
        <>
          <div className="min-h-0 flex-1 overflow-y-auto p-3">
            <Found />
          </div>
          <div className="space-y-2 border-t border-line p-3">
            {startError && <Problem title={t('batch.didNotStart')} error={startError} />}
            <Button type="submit" weight="primary" className="h-9! w-full" disabled={!ready}>
              <Play size={15} aria-hidden /> {starting ? t('job.starting') : t('batch.start')}
            </Button>
          </div>
        </>
      }
    >
      <Files form={form} problems={problems} />
      <How form={form} problems={problems} />
      <Results form={form} problems={problems} />
    </SetupPage>
  )
}
