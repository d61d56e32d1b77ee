/** Where the page begins. */
import './zod-without-eval'
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
  return <App key={language} />
}

beginSettings()
createRoot(root).render(<Root />)
void startSession()
