/** How far something is: a line that fills, or one that only moves where that is not known. */
interface ProgressBarProps {
  label: string
  /** 0 to 1; null where nobody knows. */
  share: number | null
  /** The same in words. */
  detail: string
}

export function ProgressBar({ label, share, detail }: ProgressBarProps) {
  return (
    <div role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={share === null ? undefined : Math.floor(100 * share)} aria-valuetext={detail} className="mt-1 h-1 overflow-hidden rounded-full bg-line-strong">
      <div className={`h-full rounded-full bg-accent transition-[width] ${share === null ? 'w-1/3 animate-pulse' : ''}`} style={share === null ? {} : { width: `${share * 100}%` }} />
    </div>
  )
}
