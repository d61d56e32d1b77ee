/** What the forms of the pages are made of: titled parts, and choices with what each is for. */
import type { ReactNode } from 'react'
import { t } from '../language'

export const FormPart = ({ title, children, className = '' }: { title: string; children: ReactNode; className?: string }) => (
  <fieldset className={`relative min-w-0 rounded-lg border border-line bg-panel p-3.5 ${className}`}>
    <legend className="float-left mb-2 w-full font-semibold">{title}</legend>
    <div className="clear-both">{children}</div>
  </fieldset>
)

interface ChoiceProps {
  /** The same for all choices of one question. */
  name: string
  title: string
  use: ReactNode
  checked: boolean
  onChoose: () => void
}

export const Choice = ({ name, title, use, checked, onChoose }: ChoiceProps) => (
  <label className={`flex items-start gap-2 rounded-md border p-2.5 ${checked ? 'border-accent bg-accent-deep' : 'border-line bg-ground hover:border-line-strong'}`}>
    <input type="radio" name={name} className="mt-0.5 shrink-0 accent-accent" checked={checked} onChange={onChoose} />
    <span className="min-w-0">
      <span className="font-semibold">{title}</span>
      <span className="block text-xs text-ink-soft">{use}</span>
    </span>
  </label>
)

/** Files that a browser hands over are copied first; of many that takes a while. */
export const Copying = ({ done, total, onCancel }: { done: number; total: number; onCancel: () => void }) => (
  <span role="status" className="numbers">
    {t('copyingFiles', { done, total })}{' '}
    <button type="button" className="underline" onClick={onCancel}>
      {t('cancel')}
    </button>
  </span>
)
