/** Where the page begins. */
import './zod-without-eval'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import { beginSettings, useLanguage } from './state/settings'
import { startSession } from './state/start'
import { ErrorBoundary } from './ui/ErrorBoundary'
import './styles.css'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

/** In another language everything is said anew: a new element draws the whole page, and what is on it stays. */
function Root() {
  useLanguage()
  return (
    <ErrorBoundary>
      <App />
    </ErrorBoundary>
  )
}

beginSettings()
createRoot(root).render(<Root />)
void startSession()
