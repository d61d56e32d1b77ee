/** The one button of the house, in three weights. */
import type { ButtonHTMLAttributes } from 'react'

type Weight = 'primary' | 'plain' | 'quiet'

const look: Record<Weight, string> = {
  primary: 'bg-accent text-on-accent font-semibold hover:brightness-110 border-transparent',
  plain: 'bg-raised text-ink border-line-strong hover:border-accent',
  quiet: 'bg-transparent text-ink-soft border-transparent hover:text-ink hover:bg-raised',
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  weight?: Weight
  /** Set for buttons that stay down. */
  pressed?: boolean
}

export function Button({ weight = 'plain', pressed, className = '', ...rest }: ButtonProps) {
  const down = pressed ? 'bg-accent-deep! text-ink! border-accent!' : ''
  return (
    <button
      type="button"
      aria-pressed={pressed}
      className={`inline-flex h-7 shrink-0 items-center justify-center gap-1.5 rounded-md border px-2.5 whitespace-nowrap transition-colors disabled:opacity-45 ${look[weight]} ${down} ${className}`}
      {...rest}
    />
  )
}
