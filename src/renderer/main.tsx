/** Where the page begins. */
import './zod-without-eval'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import { startSession } from './state/start'
import './styles.css'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
createRoot(root).render(<App />)
void startSession()
