/** Writes docs/OPERATORS.md anew from the registry of operators, straight from source. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer } from 'vite'

const root = join(import.meta.dirname, '..')
const server = await createServer({ configFile: false, logLevel: 'error', appType: 'custom', server: { middlewareMode: true, hmr: false, ws: false, watch: null }, optimizeDeps: { noDiscovery: true } })
try {
  const { operatorTable } = await server.ssrLoadModule(join(root, 'src/engine/autodiff/operator-table.ts'))
  mkdirSync(join(root, 'docs'), { recursive: true })
  writeFileSync(join(root, 'docs/OPERATORS.md'), operatorTable())
} finally {
  await server.close()
}
