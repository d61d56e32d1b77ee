/**
 * Three builds: everything that runs in Node or Electron's main process, the preload script, and the pages. Packages
 * of node_modules stay outside the first; the sandboxed preload must be CommonJS.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const at = (path: string): string => resolve(import.meta.dirname, path)

/** What is passed on with Assay, as the lock file says it: for the About page. */
function shippedPackages(): { name: string; version: string; licence: string }[] {
  const { packages } = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')) as { packages: Record<string, { version?: string; license?: string; dev?: boolean; optional?: boolean }> }
  const shipped = Object.entries(packages).filter(([path, { dev, version }]) => path !== '' && !dev && version !== undefined)
  const all = shipped.map(([path, { version, license }]) => ({ name: path.split('node_modules/').at(-1)!, version: version!, licence: license ?? '' }))
  const electron = packages['node_modules/electron']
  if (electron?.version !== undefined) all.push({ name: 'electron', version: electron.version, licence: electron.license ?? '' })
  const once = new Map(all.map((each) => [`${each.name} ${each.version}`, each]))
  return [...once.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}


export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      rolldownOptions: {
        input: {
          index: at('src/main/index.ts'),
          cli: at('src/cli/index.ts'),
          worker: at('src/engine/worker.ts'),
          'decode-worker': at('src/engine/image/pool/decode-worker.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rolldownOptions: {
        input: { index: at('src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [react(), tailwindcss()],
    define: { __SHIPPED_PACKAGES__: JSON.stringify(shippedPackages()) },
    build: {
      outDir: at('out/renderer'),
      emptyOutDir: true,
      rolldownOptions: { input: { index: at('src/renderer/index.html') } },
    },
  },
})
