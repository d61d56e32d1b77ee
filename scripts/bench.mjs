/**
 * `npm run bench -- <name>`: runs bench/<name>.bench.ts straight from source. Without a name, lists what there is.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createServer } from 'vite'

const folder = join(import.meta.dirname, '..', 'bench')
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.bench.ts') ? [file.replace('.bench.ts', '')] : []))
const name = process.argv[2]
if (!name || !names.includes(name)) {
  console.log(`npm run bench -- ${names.join(' | ')}`)
  process.exit(name ? 2 : 0)
}
const server = await createServer({ configFile: false, logLevel: 'error', appType: 'custom', server: { middlewareMode: true, hmr: false, ws: false, watch: null }, optimizeDeps: { noDiscovery: true } })
try {
  await (await server.ssrLoadModule(join(folder, `${name}.bench.ts`))).default()
} finally {
  await server.close()
}
