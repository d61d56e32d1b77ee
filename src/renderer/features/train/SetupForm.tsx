/** A new training: on which images, what is learned, how thoroughly, and into which bundle. */
import { FileSpreadsheet, FileText, FolderOpen, Play, ScanSearch } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { DataCheck } from '../../../shared/training'
import type { BundleSummary } from '../../../shared/types'
import { plural, t } from '../../language'
import { said } from '../../language/said'
import { platform } from '../../platform'
import { allChosen } from '../../state/class-names'
import type { ClassNameRows } from '../../state/class-names'
import { useDevices, wantedProvider } from '../../state/devices'
import { useSession } from '../../state/session'
import { asLeft, fieldsOf } from '../../state/train-fields'
import type { Field } from '../../state/train-fields'
import { beginners, estimate, fits, jobOf, problemsOf, suggested } from '../../state/train-form'
import type { Surroundings, TrainForm, TrainProblems } from '../../state/train-form'
import { presetDetail, taskOf, tasks, thoroughnesses } from '../../state/train-presets'
import type { Task } from '../../state/train-presets'
import { cancelDataIntake, changeForm, checkData, isChecking, speaksOf, startTraining, takeData, useBundlesHere, useTrainings } from '../../state/trainings'
import { Button } from '../../ui/Button'
import { ClassNames } from '../../ui/ClassNames'
import { SelectField, TextField } from '../../ui/Field'
import { Choice, Copying, FormPart, SetupPage } from '../../ui/FormPart'
import { Problem } from '../../ui/Problem'
import { duration } from '../../wording/audit'
import { NewBundle } from '../models/NewBundle'
import { CheckPanel } from './CheckPanel'

function useSurroundings(): Surroundings {
  const here = useBundlesHere()
  const provider = useDevices(wantedProvider)
  return { ...here, provider }
}

type Place = 'data' | 'labels' | 'test' | 'testLabels' | 'about'

/** What may be handed over in place of a typed path. */
const picks = {
  folder: { Icon: FolderOpen, word: () => t('screen.folder'), what: 'folder' },
  table: { Icon: FileSpreadsheet, word: () => 'CSV', what: 'files' },
  file: { Icon: FileText, word: () => t('audit.file'), what: 'files' },
} as const

interface PathFieldProps {
  name: Place
  label: string
  placeholder: string
  hint: ReactNode
  problem?: string | undefined
  form: TrainForm
  pick: keyof typeof picks
  className?: string
}

/** A path, typed or handed over; the check begins once it stands. */
function PathField({ name, label, placeholder, hint, problem, form, pick, className = '' }: PathFieldProps) {
  const { Icon, word, what } = picks[pick]
  return (
    <div className={`flex min-w-0 items-start gap-1.5 ${className}`}>
      <TextField
        className="flex-1"
        label={label}
        placeholder={placeholder}
        hint={hint}
        problem={problem}
        value={form[name]}
        onChange={({ target }) => changeForm({ [name]: target.value })}
        onBlur={() => form[name].trim() && void checkData()}
      />
      <div className="pt-[1.15rem]">
        <Button aria-label={`${word()}: ${label}`} onClick={() => void platform.pick(what).then((intake) => takeData(name, intake))}>
          <Icon size={15} aria-hidden /> {word()}
        </Button>
      </div>
    </div>
  )
}

function Data({ form, problems }: { form: TrainForm; problems: TrainProblems }) {
  const intake = useTrainings((state) => state.intake)
  const bundle = useSession((state) => state.bundles).find(({ id }) => id === form.bundle)
  const copies = platform.kind === 'browser' ? `. ${t('copiesHint')}. ${t('train.copiesEnd')}` : ''
  const named = (classNames: ClassNameRows): void => {
    changeForm({ classNames })
    if (allChosen(classNames)) void checkData()
  }
  return (
    <FormPart title={t('train.data')}>
      <div className="grid grid-cols-2 gap-3">
        <PathField className="col-span-2 2xl:col-span-1" name="data" label={t('train.images')} placeholder="/data/chest/train" hint={intake ? <Copying {...intake} onCancel={cancelDataIntake} /> : `${t('train.imagesHint')}${copies}`} problem={form.data.trim() ? problems.data : undefined} form={form} pick="folder" />
        <PathField className="col-span-2 2xl:col-span-1" name="test" label={t('train.test')} placeholder={form.testLabels.trim() ? t('train.testByTable') : t('train.testPlaceholder')} hint={t('train.testHint')} form={form} pick="folder" />
        <PathField name="labels" label={t('train.labels')} placeholder="/data/labels.csv" hint={t('train.labelsHint')} form={form} pick="table" />
        <PathField name="testLabels" label={t('train.testLabels')} placeholder="/data/test.csv" hint={t('train.testLabelsHint')} form={form} pick="table" />
      </div>
      <ClassNames rows={form.classNames} classes={bundle?.classes ?? []} onChange={named} />
    </FormPart>
  )
}

const aboutBundle = (bundle: BundleSummary): string => bundle.canScreen ? bundle.name : t('train.noPurifier', { name: bundle.name })

function What({ form, problems }: { form: TrainForm; problems: TrainProblems }) {
  const bundles = useSession((state) => state.bundles)
  const task = taskOf(form.task)
  const bundle = bundles.find(({ id }) => id === form.bundle)
  const teachers = beginners(form, bundles)
  const choose = (id: Task): void => {
    const keeps = bundle && fits(bundle, id)
    changeForm({ task: id, settings: {}, ...(keeps ? {} : { bundle: bundles.find((each) => fits(each, id))?.id ?? '' }) })
  }
  return (
    <FormPart title={t('train.what')}>
      <div className="grid grid-cols-2 gap-2.5">
        {tasks.map(({ id }) => (
          <Choice key={id} name="task" title={t(`train.task.${id}`)} use={t(`train.use.${id}`)} checked={form.task === id} onChoose={() => choose(id)} />
        ))}
      </div>
      <div className="mt-3 grid grid-cols-2 gap-3">
        {task.bundleLabel !== null && (
          <SelectField
            label={t(task.bundleLabel)}
            problem={problems.bundle}
            hint={bundle && `${bundle.classes.join(' / ')}, ${bundle.inputWidth} × ${bundle.inputHeight}`}
            value={form.bundle}
            choices={[{ value: '', label: t('chooseBundle') }, ...bundles.filter(({ error }) => !error).map((each) => ({ value: each.id, label: aboutBundle(each) }))]}
            onChange={({ target }) => {
              changeForm({ bundle: target.value })
              void checkData()
            }}
          />
        )}
        {form.task === 'new-purifier' && (
          <SelectField
            label={t('train.loss')}
            hint={t('train.lossHint')}
            value={form.loss}
            choices={[
              { value: 'siamese', label: t('train.loss.siamese') },
              { value: 'hgd', label: t('train.loss.hgd') },
              { value: 'dae', label: t('train.loss.dae') },
            ]}
            onChange={({ target }) => changeForm({ loss: target.value as TrainForm['loss'] })}
          />
        )}
        {teachers.length > 0 && (
          <SelectField
            label={t('train.begin')}
            hint={t('train.beginHint')}
            value={teachers.some(({ id }) => id === form.begin) ? form.begin : ''}
            choices={[{ value: '', label: t('train.begin.scratch') }, ...teachers.map(({ id, name }) => ({ value: id, label: name }))]}
            onChange={({ target }) => changeForm({ begin: target.value })}
          />
        )}
        {form.task === 'new-classifier' && (
          <>
            <TextField label={t('train.size')} inputMode="numeric" hint={t('train.sizeHint')} problem={problems.size} value={form.size} onChange={({ target }) => changeForm({ size: target.value })} />
            <div className="grid grid-cols-2 gap-2">
              <TextField label={t('field.modality')} placeholder="CR" hint={t('train.modalityHint')} value={form.modality} onChange={({ target }) => changeForm({ modality: target.value })} />
              <TextField label={t('field.bodyPart')} placeholder="CHEST" value={form.bodyPart} onChange={({ target }) => changeForm({ bodyPart: target.value })} />
            </div>
          </>
        )}
      </div>
    </FormPart>
  )
}

function Thoroughness({ form }: { form: TrainForm }) {
  return (
    <FormPart title={t('train.thoroughness')}>
      <div className="grid grid-cols-3 gap-2.5">
        {thoroughnesses.map((id) => (
          <Choice key={id} name="thoroughness" title={t(`train.level.${id}`)} use={`${t(`train.levelUse.${id}`)}: ${presetDetail(form.task, id)}`} checked={form.thoroughness === id} onChoose={() => changeForm({ thoroughness: id })} />
        ))}
      </div>
    </FormPart>
  )
}

function Result({ form, problems }: { form: TrainForm; problems: TrainProblems }) {
  const around = useSurroundings()
  return (
    <NewBundle typed={form} suggested={suggested(form, around)} problem={problems.id} dataFolder={around.dataFolder} onChange={changeForm}>
      {taskOf(form.task).kind === 'train-classifier' && (
        <PathField className="col-span-2" name="about" label={t('train.aboutFile')} placeholder="/data/about.md" hint={t('train.aboutFileHint')} form={form} pick="file" />
      )}
    </NewBundle>
  )
}

/** What is not said by yes or no is a name, as the command line takes it. */
const choiceWord = (choice: string): string => (choice === 'true' ? t('train.choice.yes') : choice === 'false' ? t('train.choice.no') : choice)

function Setting({ field, form, problem }: { field: Field; form: TrainForm; problem: string | undefined }) {
  const { name, choices, optional, standard } = field
  const nothing = t(field.absent ?? 'train.nothing')
  const label = t(`train.field.${name}`)
  const hint = field.hint && t(field.hint)
  const put = (value: string): void => changeForm({ settings: { ...form.settings, [name]: value } })
  if (choices) return <SelectField label={label} hint={hint} value={form.settings[name] ?? standard} choices={choices.map((value) => ({ value, label: choiceWord(value) || nothing }))} onChange={({ target }) => put(target.value)} />
  return <TextField label={label} inputMode="decimal" hint={hint} placeholder={optional ? nothing : standard} problem={problem} value={form.settings[name] ?? standard} onChange={({ target }) => put(target.value)} />
}

function Further({ form, problems }: { form: TrainForm; problems: TrainProblems }) {
  const [open, setOpen] = useState(false)
  const fields = fieldsOf(form.task, taskOf(form.task).kind, form.thoroughness)
  const changed = fields.filter((field) => asLeft(field, form.settings[field.name]) !== field.standard).length
  const wrong = fields.some(({ name }) => problems[`settings.${name}`])
  return (
    <details open={open || wrong} onToggle={({ currentTarget }) => setOpen(currentTarget.open)} className="rounded-lg border border-line bg-panel p-3.5">
      <summary className="font-semibold">
        {t('furtherSettings')} {changed > 0 && <span className="font-normal text-ink-soft">{t('train.changed', { n: changed })}</span>}
      </summary>
      <div className="mt-2.5 grid grid-cols-3 gap-3">
        {fields.map((field) => (
          <Setting key={field.name} field={field} form={form} problem={problems[`settings.${field.name}`]} />
        ))}
      </div>
      {changed > 0 && (
        <Button weight="quiet" className="mt-2" onClick={() => changeForm({ settings: {} })}>
          {t('backToPreset')}
        </Button>
      )}
    </details>
  )
}

/** How long it may take: by what earlier trainings took here, or honestly unknown. */
function Estimate({ form, check }: { form: TrainForm; check: DataCheck }) {
  const around = useSurroundings()
  const { bundles, trainings } = around
  const job = jobOf(form, around)
  const bundle = bundles.find(({ id }) => id === form.bundle)
  const input = form.task === 'new-classifier' || !bundle ? { pixels: Number(form.size) ** 2, channels: check.channels ?? 1 } : { pixels: bundle.inputWidth * bundle.inputHeight, channels: bundle.channels }
  const seconds = job && estimate(job, trainings, check.images.training, input)
  return (
    <p className="numbers text-xs text-ink-soft" data-estimate>
      {seconds === null ? (
        t('train.estimateUnknown')
      ) : (
        said('train.estimate', { time: <strong className="text-ink">{duration(seconds)}</strong> })
      )}
    </p>
  )
}

export function SetupForm() {
  const { form, check, startError, starting, intake } = useTrainings()
  const problems = problemsOf(form, useSurroundings())
  const complete = Object.keys(problems).length === 0
  const sentences = Object.entries(problems).map(([name, problem]) => (name.startsWith('settings.') ? t('train.oneImpossible') : problem))
  const missing = [...new Set(sentences.filter((sentence) => sentence !== undefined))]
  const current = speaksOf(check, form)
  const result = current ? (check?.result ?? null) : null
  const errors = result?.findings.filter(({ level }) => level === 'error').length ?? 0
  const warnings = result?.findings.some(({ level }) => level === 'warning') ?? false
  const checking = current && isChecking(check)
  const ready = complete && !starting && !intake && !checking && errors === 0
  return (
    <SetupPage
      title={t('train.new')}
      about={t('train.about')}
      asideLabel={t('train.check')}
      onSubmit={() => {
        if (!result) void checkData()
        else if (ready) void startTraining()
      }}
      aside={
        <>
          <CheckPanel check={check} current={current} problems={missing} />
          <div className="space-y-2 border-t border-line p-3">
            {startError && <Problem title={t('train.didNotStart')} error={startError} />}
            {result && <Estimate form={form} check={result} />}
            {result && errors > 0 && <p className="text-xs text-danger">{plural('train.mend', errors)}</p>}
            {result ? (
              <div className="flex gap-1.5">
                <Button type="submit" weight="primary" className="h-9! flex-1" disabled={!ready}>
                  <Play size={15} aria-hidden /> {starting ? t('job.starting') : warnings && errors === 0 ? t('train.anyway') : t('train.start')}
                </Button>
              </div>
            ) : (
              <Button type="submit" weight="primary" className="h-9! w-full" disabled={!form.data.trim() || checking || intake !== null}>
                <ScanSearch size={15} aria-hidden /> {checking ? t('train.checking') : t('train.checkData')}
              </Button>
            )}
          </div>
        </>
      }
    >
      <Data form={form} problems={problems} />
      <What form={form} problems={problems} />
      <Thoroughness form={form} />
      <Result form={form} problems={problems} />
      <Further form={form} problems={problems} />
    </SetupPage>
  )
}
