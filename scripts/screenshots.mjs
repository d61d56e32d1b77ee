/**
 * Pictures of the interface, from the built application in Chromium (CHROMIUM_PATH), with phantoms and nothing else.
 *
 *   node scripts/screenshots.mjs          every page in its states, dark and light, at 1280×720 and 1920×1080, to be
 *                                         looked at, in test-results/pages
 *   node scripts/screenshots.mjs guide    those of docs/GUIDE.md, in docs/guide
 *
 * Names of pages after it (screen, batch, history, models, audit, train, rest) leave out the others.
 */
import { join } from 'node:path'
import { createServer } from 'vite'

const server = await createServer({ configFile: false, logLevel: 'error', appType: 'custom', server: { middlewareMode: true, hmr: false, ws: false, watch: null }, optimizeDeps: { noDiscovery: true } })
try {
  const { tour } = await server.ssrLoadModule(join(import.meta.dirname, '../test/e2e/screens/tour.ts'))
  const [purpose, ...pages] = process.argv[2] === 'guide' ? process.argv.slice(2) : ['states', ...process.argv.slice(2)]
  await tour(purpose, pages)
} finally {
  await server.close()
}
