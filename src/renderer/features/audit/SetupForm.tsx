/** A new audit: what is attacked, with which images, how, and what it will cost before it is started. */
import { FileSpreadsheet, FolderOpen, Play } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { AttackDescription, Threat } from '../../../shared/audit'
import { auditPresets, presetThreats } from '../../../shared/audit-presets'
import type { BundleSummary } from '../../../shared/types'
import { figure, t } from '../../language'
import { platform } from '../../platform'
import { comparedWith, presetAttacks, presetDetail, presetStrengths, presets, problemsOf, sourcesFor, toggled, usable } from '../../state/audit-form'
import type { AuditForm, FormProblems } from '../../state/audit-form'
import { cancelDataIntake, changeForm, startAudit, takeData, useAudits } from '../../state/audits'
import { useDevices, wantedProvider } from '../../state/devices'
import { useSession } from '../../state/session'
import { Button } from '../../ui/Button'
import { ClassNames } from '../../ui/ClassNames'
import { SelectField, TextField } from '../../ui/Field'
import { Choice, Copying, FormPart, SetupPage } from '../../ui/FormPart'
import { Problem } from '../../ui/Problem'
import { normName, threatDetail, threatName } from '../../wording/audit'
import { PlanPanel } from './PlanPanel'

const aboutBundle = (bundle: BundleSummary): string => bundle.canScreen ? bundle.name : t('audit.noPurifier', { name: bundle.name })

function Subject({ form, problems }: { form: AuditForm; problems: FormProblems }) {
  const bundles = useSession((state) => state.bundles).filter(usable)
  const bundle = bundles.find(({ id }) => id === form.bundle)
  const intake = useAudits((state) => state.intake)
  const limit = auditPresets[form.preset].limit
  return (
    <FormPart title={t('audit.subject')}>
      <div className="grid grid-cols-2 gap-3">
        <SelectField
          label={t('screen.bundle')}
          problem={problems.bundle}
          hint={bundle?.classes.join(' / ')}
          value={form.bundle}
          choices={[{ value: '', label: t('chooseBundle') }, ...bundles.map((each) => ({ value: each.id, label: aboutBundle(each) }))]}
          onChange={({ target }) => changeForm({ bundle: target.value, finding: '' })}
        />
        <TextField label={t('audit.limit')} inputMode="numeric" placeholder={limit === undefined ? t('audit.limitAll') : String(limit)} hint={t('audit.limitHint')} problem={problems.limit} value={form.limit} onChange={({ target }) => changeForm({ limit: target.value })} />
        <div className="col-span-2 flex items-start gap-1.5">
          <TextField
            className="flex-1"
            label={t('audit.data')}
            placeholder={t('audit.dataPlaceholder')}
            hint={intake ? <Copying {...intake} onCancel={cancelDataIntake} /> : platform.kind === 'browser' ? `${t('audit.dataHint')}. ${t('copiesHint')}` : t('audit.dataHint')}
            problem={form.data.trim() ? problems.data : undefined}
            value={form.data}
            onChange={({ target }) => changeForm({ data: target.value })}
          />
          <div className="flex gap-1.5 pt-[1.15rem]">
            <Button onClick={() => void platform.pick('folder').then((intake) => takeData('data', intake))}>
              <FolderOpen size={15} aria-hidden /> {t('screen.folder')}
            </Button>
            <Button onClick={() => void platform.pick('files').then((intake) => takeData('data', intake))}>{t('audit.file')}</Button>
          </div>
        </div>
        <div className="col-span-2 flex items-start gap-1.5">
          <TextField className="flex-1" label={t('audit.labels')} placeholder="/data/labels.csv" hint={t('audit.labelsHint')} value={form.labels} onChange={({ target }) => changeForm({ labels: target.value })} />
          <div className="pt-[1.15rem]">
            <Button onClick={() => void platform.pick('files').then((intake) => takeData('labels', intake))}>
              <FileSpreadsheet size={15} aria-hidden /> CSV
            </Button>
          </div>
        </div>
      </div>
      <ClassNames rows={form.classNames} classes={bundle?.classes ?? []} onChange={(classNames) => changeForm({ classNames })} />
    </FormPart>
  )
}

function Thoroughness({ form }: { form: AuditForm }) {
  const attacks = useAudits((state) => state.attacks)
  return (
    <FormPart title={t('audit.thoroughness')}>
      <div className="grid grid-cols-3 gap-2.5">
        {presets.map((id) => (
          <Choice
            key={id}
            name="preset"
            title={t(`audit.preset.${id}`)}
            use={`${t(`audit.use.${id}`)}: ${presetDetail(id, form.norm, attacks)}`}
            checked={form.preset === id}
            onChoose={() => changeForm({ preset: id, attacks: null, threats: null, eps: '', limit: '' })}
          />
        ))}
      </div>
    </FormPart>
  )
}

const isControl = ({ name }: AttackDescription): boolean => name === 'noise'

const groups: readonly { id: 'within' | 'smallest' | 'answers' | 'control'; holds: (attack: AttackDescription) => boolean }[] = [
  { id: 'within', holds: ({ access, minimumNorm }) => access === 'gradients' && !minimumNorm },
  { id: 'smallest', holds: ({ access, minimumNorm }) => access === 'gradients' && minimumNorm },
  { id: 'answers', holds: (attack) => attack.access === 'queries' && !isControl(attack) },
  { id: 'control', holds: isControl },
]

function Attacks({ form, problems }: { form: AuditForm; problems: FormProblems }) {
  const attacks = useAudits((state) => state.attacks)
  const names = attacks.map(({ name }) => name)
  const chosen = form.attacks ?? presetAttacks(form.preset, attacks)
  return (
    <FormPart title={t('audit.attacks')}>
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)] gap-x-5 gap-y-3 2xl:grid-cols-4">
        {groups.map(({ id, holds }) => {
          const group = attacks.filter(holds)
          const title = t(`audit.group.${id}`)
          return group.length === 0 ? null : (
            <div key={id} role="group" aria-label={title}>
              <div className="pb-1 text-xs text-ink-soft">{title}</div>
              {group.map((attack) => {
                const fits = attack.norms.includes(form.norm)
                return (
                  <label key={attack.name} title={attack.reference} className="flex items-center gap-2 py-0.5">
                    <input type="checkbox" className="accent-accent" checked={chosen.includes(attack.name)} onChange={() => changeForm({ attacks: toggled(chosen, attack.name, names) })} />
                    <span className="min-w-0 truncate">
                      {attack.title}
                      {!fits && <span className="text-xs text-ink-soft"> {t('audit.inNorms', { norms: attack.norms.map((norm) => normName[norm]).join(', ') })}</span>}
                    </span>
                  </label>
                )
              })}
            </div>
          )
        })}
      </div>
      {problems.attacks && <p className="pt-1 text-2xs text-danger">{problems.attacks}</p>}
      {form.attacks && (
        <Button weight="quiet" className="absolute top-2 right-2" onClick={() => changeForm({ attacks: null })}>
          {t('backToPreset')}
        </Button>
      )}
      <div className="mt-2 grid grid-cols-[8rem_minmax(0,1fr)] gap-3">
        <SelectField
          label={t('audit.norm')}
          value={form.norm}
          choices={[
            { value: 'linf', label: 'L∞' },
            { value: 'l2', label: 'L2' },
          ]}
          onChange={({ target }) => changeForm({ norm: target.value as AuditForm['norm'], eps: '' })}
        />
        <TextField
          label={t('audit.strengths')}
          placeholder={presetStrengths(form.preset, form.norm)}
          hint={form.norm === 'linf' ? t('audit.strengthsLinf') : t('audit.strengthsL2')}
          problem={problems.eps}
          value={form.eps}
          onChange={({ target }) => changeForm({ eps: target.value })}
        />
      </div>
    </FormPart>
  )
}

const threats: readonly Threat[] = ['oblivious', 'adaptive', 'blackbox', 'transfer']

function Attackers({ form, problems }: { form: AuditForm; problems: FormProblems }) {
  const all = useSession((state) => state.bundles)
  const own = all.find(({ id }) => id === form.bundle)
  const bundles = sourcesFor(own, all)
  // The plan knows whether there is a purifier; until there is one, a bundle that can screen has it.
  const plan = useAudits((state) => state.plan)
  const purifier = plan?.bundle === form.bundle ? plan.defences.includes('purifier') : own?.canScreen === true
  const chosen = form.threats ?? presetThreats({ purifier, source: false })
  return (
    <FormPart title={t('audit.attackers')}>
      <div className="space-y-1">
        {threats.map((threat) => (
          <label key={threat} className="flex items-start gap-2">
            <input type="checkbox" className="mt-0.5 accent-accent" disabled={threat === 'transfer' && bundles.length === 0} checked={chosen.includes(threat)} onChange={() => changeForm({ threats: toggled(chosen, threat, threats) })} />
            <span>
              {threatName(threat)} <span className="text-xs text-ink-soft">{threat === 'transfer' && bundles.length === 0 ? t('audit.needsOther') : threatDetail(threat)}</span>
            </span>
          </label>
        ))}
      </div>
      {problems.threats && <p className="pt-1 text-2xs text-danger">{problems.threats}</p>}
      {chosen.includes('transfer') && (
        <SelectField
          className="mt-2"
          label={t('audit.source')}
          problem={problems.source}
          value={form.source}
          choices={[{ value: '', label: t('chooseBundle') }, ...bundles.map(({ id, name }) => ({ value: id, label: name }))]}
          onChange={({ target }) => changeForm({ source: target.value })}
        />
      )}
    </FormPart>
  )
}

function Further({ form, problems }: { form: AuditForm; problems: FormProblems }) {
  const [open, setOpen] = useState(false)
  const bundles = useSession((state) => state.bundles)
  const own = bundles.find(({ id }) => id === form.bundle)
  const others = comparedWith(own, bundles)
  return (
    <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)} className="rounded-lg border border-line bg-panel p-3.5">
      <summary className="font-semibold">{t('furtherSettings')}</summary>
      <div className="mt-2.5 grid grid-cols-3 gap-3">
        <TextField label={t('audit.seed')} inputMode="numeric" hint={t('audit.seedHint')} problem={problems.seed} value={form.seed} onChange={({ target }) => changeForm({ seed: target.value })} />
        <SelectField label={t('audit.alpha')} value={String(form.alpha)} choices={[0.01, 0.02, 0.05, 0.1].map((alpha) => ({ value: String(alpha), label: figure(alpha) }))} onChange={({ target }) => changeForm({ alpha: Number(target.value) })} />
        <SelectField
          label={t('audit.finding')}
          hint={t('audit.findingHint')}
          value={form.finding}
          choices={[{ value: '', label: t('audit.findingNone') }, ...(own?.classes ?? []).map((name) => ({ value: name, label: name }))]}
          onChange={({ target }) => changeForm({ finding: target.value })}
        />
        <TextField className="col-span-2" label={t('audit.out')} placeholder={t('audit.outOwn')} value={form.out} onChange={({ target }) => changeForm({ out: target.value })} />
        <label className="flex items-center gap-2 pt-4">
          <input type="checkbox" className="accent-accent" checked={form.keep} onChange={({ target }) => changeForm({ keep: target.checked })} /> {t('audit.keep')}
        </label>
        {others.length > 0 && (
          <div role="group" aria-label={t('audit.compareLabel')} className="col-span-3">
            <div className="pb-1 text-xs text-ink-soft">{t('audit.compare')}</div>
            <div className="flex flex-wrap gap-x-4 gap-y-1">
              {others.map(({ id, name }) => (
                <label key={id} className="flex items-center gap-2">
                  <input type="checkbox" className="accent-accent" checked={form.compare.includes(id)} onChange={() => changeForm({ compare: toggled(form.compare, id, others.map((each) => each.id)) })} /> {name}
                </label>
              ))}
            </div>
          </div>
        )}
      </div>
    </details>
  )
}

export function SetupForm() {
  const form = useAudits((state) => state.form)
  const { plan, planning, planError, startError, starting, intake } = useAudits()
  const provider = useDevices(wantedProvider)
  const bundles = useSession((state) => state.bundles)
  // Planned anew for another provider and other bundles, and when one comes back to the form: the folder may hold other images by then.
  useEffect(() => changeForm({}), [provider, bundles])
  const problems = problemsOf(form)
  const ready = plan !== null && !planning && !starting && !intake
  return (
    <SetupPage
      title={t('audit.new')}
      about={t('audit.about')}
      asideLabel={t('audit.plan')}
      onSubmit={() => {
        if (ready) void startAudit()
      }}
      aside={
        <>
          <PlanPanel plan={plan} planning={planning} error={planError} problems={Object.values(problems)} />
          <div className="space-y-2 border-t border-line p-3">
            {startError && <Problem title={t('audit.didNotStart')} error={startError} />}
            <Button type="submit" weight="primary" className="h-9! w-full" disabled={!ready}>
              <Play size={15} aria-hidden /> {starting ? t('job.starting') : t('audit.start')}
            </Button>
          </div>
        </>
      }
    >
      <Subject form={form} problems={problems} />
      <Thoroughness form={form} />
      <Attacks form={form} problems={problems} />
      <Attackers form={form} problems={problems} />
      <Further form={form} problems={problems} />
    </SetupPage>
  )
}
