/** A new audit: what is attacked, with which images, how, and what it will cost before it is started. */
import { FileSpreadsheet, FolderOpen, Play } from 'lucide-react'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { AttackDescription, Threat } from '../../../shared/audit'
import type { BundleSummary } from '../../../shared/types'
import { platform } from '../../platform'
import { presets, problemsOf, toggled } from '../../state/audit-form'
import type { AuditForm, FormProblems } from '../../state/audit-form'
import { changeForm, startAudit, takeData, useAudits } from '../../state/audits'
import { useSession } from '../../state/session'
import { Button } from '../../ui/Button'
import { SelectField, TextField } from '../../ui/Field'
import { Problem } from '../../ui/Problem'
import { threatDetail, threatName } from '../../wording/audit'
import { PlanPanel } from './PlanPanel'

const Part = ({ title, children, className = '' }: { title: string; children: ReactNode; className?: string }) => (
  <fieldset className={`min-w-0 rounded-lg border border-line bg-panel p-3.5 ${className}`}>
    <legend className="float-left mb-2 w-full font-semibold">{title}</legend>
    <div className="clear-both">{children}</div>
  </fieldset>
)

const usable = (bundle: BundleSummary): boolean => !bundle.error

const aboutBundle = (bundle: BundleSummary): string => `${bundle.name}${bundle.canScreen ? '' : ' (no purifier or calibration)'}`

function Subject({ form, problems }: { form: AuditForm; problems: FormProblems }) {
  const bundles = useSession((state) => state.bundles).filter(usable)
  const bundle = bundles.find(({ id }) => id === form.bundle)
  return (
    <Part title="What is attacked, on which images">
      <div className="grid grid-cols-2 gap-3">
        <SelectField
          label="Bundle"
          problem={problems.bundle}
          hint={bundle?.classes.join(' / ')}
          value={form.bundle}
          choices={[{ value: '', label: 'Choose a bundle' }, ...bundles.map((each) => ({ value: each.id, label: aboutBundle(each) }))]}
          onChange={({ target }) => changeForm({ bundle: target.value, finding: '' })}
        />
        <TextField label="Images at most" inputMode="numeric" placeholder="as the preset" hint="taken evenly from the classes" problem={problems.limit} value={form.limit} onChange={({ target }) => changeForm({ limit: target.value })} />
        <div className="col-span-2 flex items-start gap-1.5">
          <TextField
            className="flex-1"
            label="Labelled images"
            placeholder="/data/chest/test or /data/pneumoniamnist.npz"
            hint="a folder with one subfolder per class, an .npz with x and y, or one of MedMNIST"
            problem={form.data.trim() ? problems.data : undefined}
            value={form.data}
            onChange={({ target }) => changeForm({ data: target.value })}
          />
          <div className="flex gap-1.5 pt-[1.15rem]">
            <Button onClick={() => void platform.pick('folder').then((intake) => takeData('data', intake))}>
              <FolderOpen size={15} aria-hidden /> Folder
            </Button>
            <Button onClick={() => void platform.pick('files').then((intake) => takeData('data', intake))}>File</Button>
          </div>
        </div>
        <div className="col-span-2 flex items-start gap-1.5">
          <TextField className="flex-1" label="Labels, where the folder is not sorted by class" placeholder="/data/labels.csv" hint="CSV with the columns file and label, or one column per finding" value={form.labels} onChange={({ target }) => changeForm({ labels: target.value })} />
          <div className="pt-[1.15rem]">
            <Button onClick={() => void platform.pick('files').then((intake) => takeData('labels', intake))}>
              <FileSpreadsheet size={15} aria-hidden /> CSV
            </Button>
          </div>
        </div>
      </div>
    </Part>
  )
}

function Thoroughness({ form }: { form: AuditForm }) {
  return (
    <Part title="How thoroughly">
      <div role="radiogroup" aria-label="Preset" className="grid grid-cols-3 gap-2">
        {presets.map(({ id, label, detail }) => (
          <label key={id} className={`flex gap-2 rounded-md border p-2.5 ${form.preset === id ? 'border-accent bg-accent-deep' : 'border-line bg-ground hover:border-line-strong'}`}>
            <input type="radio" name="preset" className="mt-0.5 accent-(--accent)" checked={form.preset === id} onChange={() => changeForm({ preset: id, attacks: null, threats: null })} />
            <span>
              <span className="font-semibold">{label}</span>
              <span className="block text-xs text-ink-soft">{detail}</span>
            </span>
          </label>
        ))}
      </div>
    </Part>
  )
}

const accessNames: readonly { access: AttackDescription['access']; title: string; minimumNorm: boolean }[] = [
  { access: 'gradients', minimumNorm: false, title: 'By gradients, within a strength' },
  { access: 'gradients', minimumNorm: true, title: 'By gradients, the smallest change' },
  { access: 'queries', minimumNorm: false, title: 'By answers alone' },
  { access: 'none', minimumNorm: false, title: 'Controls' },
]

function Attacks({ form, problems }: { form: AuditForm; problems: FormProblems }) {
  const attacks = useAudits((state) => state.attacks)
  const plan = useAudits((state) => state.plan)
  const names = attacks.map(({ name }) => name)
  const planned = new Set(plan?.runs.flatMap(({ run }) => (run.check ? [] : [run.attack])) ?? [])
  const chosen = form.attacks ?? names.filter((name) => planned.has(name))
  return (
    <Part title="With which attacks">
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)] gap-x-5 gap-y-3 2xl:grid-cols-4">
        {accessNames.map(({ access, title, minimumNorm }) => {
          const group = attacks.filter((attack) => attack.access === access && attack.minimumNorm === minimumNorm)
          return group.length === 0 ? null : (
            <div key={title} role="group" aria-label={title}>
              <div className="pb-1 text-xs text-ink-soft">{title}</div>
              {group.map((attack) => {
                const fits = attack.norms.includes(form.norm)
                return (
                  <label key={attack.name} title={attack.reference} className="flex items-center gap-2 py-0.5">
                    <input type="checkbox" className="accent-(--accent)" checked={chosen.includes(attack.name)} onChange={() => changeForm({ attacks: toggled(chosen, attack.name, names) })} />
                    <span className="min-w-0 truncate">
                      {attack.title}
                      {!fits && <span className="text-xs text-ink-soft"> in {attack.norms.map((norm) => (norm === 'l2' ? 'L2' : 'L∞')).join(', ')}</span>}
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
        <Button weight="quiet" className="mt-1 -ml-2" onClick={() => changeForm({ attacks: null })}>
          Back to the preset&rsquo;s
        </Button>
      )}
      <div className="mt-2 grid grid-cols-[8rem_minmax(0,1fr)] gap-3">
        <SelectField
          label="Size measured in"
          value={form.norm}
          choices={[
            { value: 'linf', label: 'L∞' },
            { value: 'l2', label: 'L2' },
          ]}
          onChange={({ target }) => changeForm({ norm: target.value as AuditForm['norm'], eps: '' })}
        />
        <TextField
          label="Strengths"
          placeholder="as the preset"
          hint={form.norm === 'linf' ? 'largest change of a pixel, in 255ths of the range' : 'length of the change over the whole image, in units of the range'}
          problem={problems.eps}
          value={form.eps}
          onChange={({ target }) => changeForm({ eps: target.value })}
        />
      </div>
    </Part>
  )
}

const threats: readonly Threat[] = ['oblivious', 'adaptive', 'blackbox', 'transfer']

function Attackers({ form, problems }: { form: AuditForm; problems: FormProblems }) {
  const plan = useAudits((state) => state.plan)
  const bundles = useSession((state) => state.bundles).filter((each) => usable(each) && each.id !== form.bundle)
  const planned = new Set(plan?.runs.map(({ run }) => run.threat) ?? [])
  const chosen = form.threats ?? threats.filter((threat) => planned.has(threat))
  return (
    <Part title="By whom">
      <div className="space-y-1">
        {threats.map((threat) => (
          <label key={threat} className="flex items-baseline gap-2">
            <input type="checkbox" className="accent-(--accent)" disabled={threat === 'transfer' && bundles.length === 0} checked={chosen.includes(threat)} onChange={() => changeForm({ threats: toggled(chosen, threat, threats) })} />
            <span>
              {threatName[threat]} <span className="text-xs text-ink-soft">{threatDetail[threat]}</span>
            </span>
          </label>
        ))}
      </div>
      {problems.threats && <p className="pt-1 text-2xs text-danger">{problems.threats}</p>}
      {chosen.includes('transfer') && (
        <SelectField
          className="mt-2"
          label="The bundle that the attacker has"
          problem={problems.source}
          value={form.source}
          choices={[{ value: '', label: 'Choose a bundle' }, ...bundles.map(({ id, name }) => ({ value: id, label: name }))]}
          onChange={({ target }) => changeForm({ source: target.value })}
        />
      )}
    </Part>
  )
}

function Further({ form, problems }: { form: AuditForm; problems: FormProblems }) {
  const [open, setOpen] = useState(false)
  const bundles = useSession((state) => state.bundles)
  const own = bundles.find(({ id }) => id === form.bundle)
  const others = bundles.filter((each) => usable(each) && each.canScreen && each.id !== form.bundle && each.inputWidth === own?.inputWidth && each.inputHeight === own.inputHeight && each.channels === own.channels)
  return (
    <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)} className="rounded-lg border border-line bg-panel p-3.5">
      <summary className="font-semibold">Further settings</summary>
      <div className="mt-2.5 grid grid-cols-3 gap-3">
        <TextField label="Seed" inputMode="numeric" hint="the same seed gives the same numbers" problem={problems.seed} value={form.seed} onChange={({ target }) => changeForm({ seed: target.value })} />
        <SelectField label="False alarms allowed (alpha)" value={String(form.alpha)} choices={[0.01, 0.02, 0.05, 0.1].map((alpha) => ({ value: String(alpha), label: String(alpha) }))} onChange={({ target }) => changeForm({ alpha: Number(target.value) })} />
        <SelectField
          label="Finding"
          hint="of a model that answers several independent ones"
          value={form.finding}
          choices={[{ value: '', label: 'None: one class of several' }, ...(own?.classes ?? []).map((name) => ({ value: name, label: name }))]}
          onChange={({ target }) => changeForm({ finding: target.value })}
        />
        <TextField className="col-span-2" label="Output folder" placeholder="in the application's own folder" value={form.out} onChange={({ target }) => changeForm({ out: target.value })} />
        <label className="flex items-center gap-2 pt-4">
          <input type="checkbox" className="accent-(--accent)" checked={form.keep} onChange={({ target }) => changeForm({ keep: target.checked })} /> Keep the adversarial images
        </label>
        {others.length > 0 && (
          <div role="group" aria-label="Other purifiers to compare" className="col-span-3">
            <div className="pb-1 text-xs text-ink-soft">Other purifiers in the same table</div>
            <div className="flex flex-wrap gap-x-4 gap-y-1">
              {others.map(({ id, name }) => (
                <label key={id} className="flex items-center gap-2">
                  <input type="checkbox" className="accent-(--accent)" checked={form.compare.includes(id)} onChange={() => changeForm({ compare: toggled(form.compare, id, others.map((each) => each.id)) })} /> {name}
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
  const { plan, planning, planError, startError, starting } = useAudits()
  const problems = problemsOf(form)
  const ready = plan !== null && !planning && !starting
  return (
    <form
      aria-label="New audit"
      className="flex min-h-0 flex-1"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) void startAudit()
      }}
    >
      <div className="min-h-0 min-w-0 flex-1 space-y-3 overflow-y-auto p-4">
        <div>
          <h2 className="text-xl font-semibold">New audit</h2>
          <p className="max-w-3xl text-ink-soft">How often a classifier keeps its right answer when images are attacked, bare and behind its purifier, and whether the detector notices.</p>
        </div>
        <Subject form={form} problems={problems} />
        <Thoroughness form={form} />
        <Attacks form={form} problems={problems} />
        <Attackers form={form} problems={problems} />
        <Further form={form} problems={problems} />
      </div>
      <aside aria-label="Plan" className="flex w-80 shrink-0 flex-col border-l border-line bg-panel 2xl:w-96">
        <PlanPanel plan={plan} planning={planning} error={planError} problems={Object.values(problems)} />
        <div className="space-y-2 border-t border-line p-3">
          {startError && <Problem title="The audit did not start" error={startError} />}
          <Button type="submit" weight="primary" className="h-9! w-full" disabled={!ready}>
            <Play size={15} aria-hidden /> {starting ? 'Starting' : 'Start the audit'}
          </Button>
        </div>
      </aside>
    </form>
  )
}
