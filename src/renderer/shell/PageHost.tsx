/**
 * The pages that were opened so far, all but one hidden: what is on a page (an open scan, a half-filled form) is there
 * when one comes back. A change of page moves the focus to the new page's heading.
 */
import { useEffect, useRef, useState } from 'react'
import { useNavigation } from '../state/navigation'
import { useLanguage } from '../state/settings'
import { ErrorBoundary } from '../ui/ErrorBoundary'
import { pageOf, pages } from './pages'

export function PageHost() {
  const current = useNavigation((state) => pageOf(state.pageId))
  const [opened, setOpened] = useState<readonly string[]>([current.id])
  if (!opened.includes(current.id)) setOpened([...opened, current.id])
  const before = useRef(current)
  const language = useLanguage()
  useEffect(() => {
    document.title = `${current.label} · Assay`
  }, [current, language])
  useEffect(() => {
    if (before.current === current) return
    before.current.leave?.()
    before.current = current
    current.enter?.()
    document.getElementById(`page-${current.id}`)?.focus({ preventScroll: true })
  }, [current])
  return pages
    .filter(({ id }) => opened.includes(id))
    .map(({ id, label, component: Component }) => (
      <main key={id} data-page={id} hidden={id !== current.id} aria-labelledby={`page-${id}`} className={`min-h-0 min-w-0 flex-1 flex-col ${id === current.id ? 'flex' : ''}`}>
        <h1 id={`page-${id}`} tabIndex={-1} className="sr-only">
          {label}
        </h1>
        <ErrorBoundary>
          <Component />
        </ErrorBoundary>
      </main>
    ))
}
