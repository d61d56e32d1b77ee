/** Where this scan stands among untouched ones: p on a log axis, with α as the line that flags. */
import { number, t } from '../../language'
import { alphaInWords, pValueInWords, unusualness } from '../../wording/probability'

export function UnusualScale({ pValue, alpha, suspicious }: { pValue: number; alpha: number; suspicious: boolean }) {
  const p = number(pValue, { minimumSignificantDigits: 2, maximumSignificantDigits: 2 })
  const smallest = Math.min(0.001, pValue)
  const at = (p: number): string => `${unusualness(p, smallest) * 100}%`
  return (
    <div
      role="img"
      aria-label={t('scale.label', { p, words: pValueInWords(pValue), threshold: alphaInWords(alpha) })}
      className="text-2xs text-ink-soft"
    >
      <div className="relative h-3">
        <div className="absolute inset-x-0 top-1 h-1 overflow-hidden rounded-full bg-raised">
          <div className="absolute inset-y-0 right-0 bg-suspicious-deep" style={{ left: at(alpha) }} />
        </div>
        <div className="absolute inset-y-0 w-px bg-suspicious" style={{ left: at(alpha) }} />
        <div className={`absolute top-0 size-3 -translate-x-1/2 rounded-full border-2 border-panel ${suspicious ? 'bg-suspicious' : 'bg-clean'}`} style={{ left: at(pValue) }} />
      </div>
      <div className="numbers relative mt-0.5 flex justify-between">
        <span>{t('scale.usual')}</span>
        <span>{t('scale.values', { p, alpha })}</span>
        <span>{t('scale.unusual')}</span>
      </div>
    </div>
  )
}
