/** What the forms of the pages are made of: what it would start beside them, titled parts, and choices with what each is for. */
import type { ReactNode } from 'react'
import { t } from '../language'

interface SetupPageProps {
  title: string
  about: string
  /** Where the page around it shows the title. */
  titledAbove?: boolean
  /** What `aside` is, for screen readers. */
  asideLabel: string
  /** What the form would come to, and the button that starts it. Below the form where there is no room beside it. */
  aside: ReactNode
  onSubmit: () => void
  children: ReactNode
}

export const SetupPage = ({ title, about, titledAbove = false, asideLabel, aside, onSubmit, children }: SetupPageProps) => (
  <div className="@container flex min-h-0 min-w-0 flex-1">
    <form
      aria-label={title}
      className="min-w-0 flex-1 @max-3xl:overflow-y-auto @3xl:flex"
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
      }}
    >
      <div className="p-4 @3xl:min-h-0 @3xl:min-w-0 @3xl:flex-1 @3xl:overflow-y-auto">
        <div className="max-w-6xl space-y-3">
          <div>
            {!titledAbove && <h2 className="text-xl font-semibold">{title}</h2>}
            <p className="max-w-3xl text-ink-soft">{about}</p>
          </div>
          {children}
        </div>
      </div>
      <aside aria-label={asideLabel} className="flex flex-col border-line bg-panel @max-3xl:border-t @3xl:w-80 @3xl:shrink-0 @3xl:border-l @7xl:w-96">
        {aside}
      </aside>
    </form>
  </div>
)

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
