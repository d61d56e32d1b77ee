/** Where the page begins. */
import './zod-without-eval'
import { useEffect, useRef } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import { beginSettings, useSettings } from './state/settings'
import { startSession } from './state/start'
import './styles.css'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

/** In another language everything is said anew. */
function Root() {
  const language = useSettings((state) => state.settings.language)
  const before = useRef(language)
  useEffect(() => {
    // The control that changed it is another element now.
    if (before.current !== language) document.querySelector<HTMLElement>('[data-setting="language"]')?.focus()
    before.current = language
  }, [language])
  return <App key={language} />
}

beginSettings()
createRoot(root).render(<Root />)
void startSession()
