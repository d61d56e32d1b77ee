/** The way between the pages, at the left edge. */
import { t } from '../language'
import { pageOf, pages } from './pages'
import { goThen } from '../shortcuts/named'
import { goTo, useNavigation } from '../state/navigation'

export function Rail() {
  const current = useNavigation((state) => pageOf(state.pageId))
  return (
    <nav aria-label={t('shell.pages')} className="flex w-20 shrink-0 flex-col gap-1 overflow-y-auto border-r border-line bg-panel px-1 py-2">
      {pages.map(({ id, label, icon: Icon, key }) => (
        <a
          key={id}
          href={`#/${id}`}
          aria-current={id === current.id ? 'page' : undefined}
          title={`${label} (${goThen(key.toUpperCase())})`}
          draggable={false}
          className="flex flex-col items-center gap-1 rounded-md border border-transparent py-2 text-2xs text-ink-soft hover:bg-raised hover:text-ink aria-[current=page]:border-line-strong aria-[current=page]:bg-raised aria-[current=page]:font-semibold aria-[current=page]:text-ink"
          onClick={(event) => {
            // A second click would only scroll.
            event.preventDefault()
            goTo(id)
          }}
        >
          <Icon size={20} className={id === current.id ? 'text-accent' : ''} aria-hidden />
          {label}
        </a>
      ))}
    </nav>
  )
}
