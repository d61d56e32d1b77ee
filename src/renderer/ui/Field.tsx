/** A labelled control of a form, with what is wrong with it below. */
import { useId } from 'react'
import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes, TextareaHTMLAttributes } from 'react'

interface FieldProps {
  label: string
  /** What to enter; a problem stands in its place. */
  hint?: ReactNode
  problem?: string | undefined
  className?: string
}

const look = 'w-full rounded-md border bg-ground px-2 hover:border-line-strong focus-visible:border-accent disabled:opacity-45'
const edge = (problem?: string): string => (problem ? 'border-danger' : 'border-line')

function Labelled({ label, hint, problem, className = '', children }: FieldProps & { children: (ids: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': boolean }) => ReactNode }) {
  const id = useId()
  const below = problem ?? hint
  return (
    <div className={`min-w-0 ${className}`}>
      <label htmlFor={id} className="block pb-0.5 text-xs text-ink-soft">
        {label}
      </label>
      {children({ id, 'aria-describedby': below ? `${id}-below` : undefined, 'aria-invalid': problem !== undefined })}
      {below && (
        <div id={`${id}-below`} className={`pt-0.5 text-2xs ${problem ? 'text-danger' : 'text-ink-soft'}`}>
          {below}
        </div>
      )}
    </div>
  )
}

export function TextField({ label, hint, problem, className, ...rest }: FieldProps & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Labelled label={label} hint={hint} problem={problem} {...(className && { className })}>
      {(ids) => <input type="text" autoComplete="off" spellCheck={false} className={`h-7 ${look} ${edge(problem)}`} {...ids} {...rest} />}
    </Labelled>
  )
}

export function TextArea({ label, hint, problem, className, ...rest }: FieldProps & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return (
    <Labelled label={label} hint={hint} problem={problem} {...(className && { className })}>
      {(ids) => <textarea autoComplete="off" spellCheck={false} className={`block resize-none py-1 ${look} ${edge(problem)}`} {...ids} {...rest} />}
    </Labelled>
  )
}

export function SelectField({ label, hint, problem, className, choices, ...rest }: FieldProps & SelectHTMLAttributes<HTMLSelectElement> & { choices: readonly { value: string; label: string }[] }) {
  return (
    <Labelled label={label} hint={hint} problem={problem} {...(className && { className })}>
      {(ids) => (
        <select className={`h-7 ${look} ${edge(problem)}`} {...ids} {...rest}>
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value} className="bg-raised">
              {choice.label}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  )
}
