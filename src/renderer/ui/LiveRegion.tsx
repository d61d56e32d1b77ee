/** Says finished verdicts to screen readers. */
import { useAnnouncements } from '../state/announcements'

export function LiveRegion() {
  const text = useAnnouncements((state) => state.text)
  return (
    <div aria-live="polite" className="sr-only">
      {text}
    </div>
  )
}
