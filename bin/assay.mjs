#!/usr/bin/env node
/**
 * The command `assay`. In a checkout it builds first when the build is missing or older than the sources; an installed
 * package has no sources and no build script, and starts at once.
 */
import { existsSync } from 'node:fs'

const buildScript = new URL('../scripts/build.mjs', import.meta.url)
const sources = new URL('../src', import.meta.url)

try {
  if (existsSync(sources) && existsSync(buildScript)) await (await import(buildScript.href)).ensureBuilt()
  await import(new URL('../out/main/cli.js', import.meta.url).href)
} catch (error) {
  process.stderr.write(`assay: ${error.message}\n`)
  if (process.env.ASSAY_DEBUG) console.error(error)
  process.exitCode = 1
}
