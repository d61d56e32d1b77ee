/** An error where it happened: the sentence that says what to do, the code for whoever is asked for help, a way on. */
import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { SerializedError } from '../../shared/errors'
import { t } from '../language'

interface ProblemProps {
  title: string
  error: SerializedError
  children?: ReactNode
}

export function Problem({ title, error, children }: ProblemProps) {
  return (
    <div role="alert" className="selectable max-w-xl rounded-lg border border-danger/40 bg-danger-deep/60 p-4 text-left">
      <div className="flex items-center gap-2 font-semibold text-danger">
        <CircleAlert size={18} aria-hidden /> {title}
      </div>
      <p lang="en" className="mt-1.5 break-words text-ink">{error.message}</p>
      <p className="mt-1.5 text-2xs text-ink-soft">
        {t('code')} <code>{error.code}</code>
      </p>
      {children && <div className="mt-3 flex gap-2">{children}</div>}
    </div>
  )
}
