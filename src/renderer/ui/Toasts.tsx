/** Notes at the lower edge; good ones are polite, bad ones interrupt. */
import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { t } from '../language'
import { dismissToast, useToasts } from '../state/toasts'

export function Toasts() {
  const toasts = useToasts((state) => state.toasts)
  return (
    <div className="pointer-events-none fixed inset-x-0 bottom-4 z-50 flex flex-col items-center gap-2">
      {toasts.map(({ id, tone, text, code }) => (
        <div
          key={id}
          role={tone === 'good' ? 'status' : 'alert'}
          className="pointer-events-auto flex max-w-lg items-center gap-2.5 rounded-lg border border-line-strong bg-raised px-3.5 py-2 shadow-xl shadow-black/50"
        >
          {tone === 'good' ? <CircleCheck size={17} className="shrink-0 text-clean" aria-hidden /> : <CircleAlert size={17} className="shrink-0 text-danger" aria-hidden />}
          <span className="selectable">
            {text}
            {code && <span className="ml-2 text-2xs text-ink-soft">{code}</span>}
          </span>
          <button type="button" aria-label={t('dismiss')} className="shrink-0 rounded p-0.5 text-ink-soft hover:text-ink" onClick={() => dismissToast(id)}>
            <X size={14} aria-hidden />
          </button>
        </div>
      ))}
    </div>
  )
}
