/**
 * `npm test`: everything that can be checked: types, lint and build beside one another, then the tests, their output shown; closes with one line
 * `N passed, N failed` over all of them. Types, lint and build count as one check each.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromiumPath } from './chromium.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const require = createRequire(import.meta.url)
const reports = mkdtempSync(join(tmpdir(), 'assay-test-'))
const totals = { passed: 0, failed: 0, skipped: 0 }
/** What failed, by name: repeated at the end, since the output above it is long and often cut to its last lines. */
const failures = []

function run(args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
    child.on('error', () => resolve(1))
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

const firstLine = (text) => String(text ?? '').split('\n', 1)[0]

const binOf = (name, bin) => join(dirname(require.resolve(`${name}/package.json`)), bin)

function count(name, passed, failed, skipped = 0, seconds = 0) {
  totals.passed += passed
  totals.failed += failed
  totals.skipped += skipped
  console.log(`── ${name}: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}, ${seconds.toFixed(1)} s\n`)
}

async function check(name, args) {
  console.log(`── ${name}`)
  const started = performance.now()
  const ok = (await run(args)) === 0
  if (!ok) failures.push(name)
  count(name, ok ? 1 : 0, ok ? 0 : 1, 0, (performance.now() - started) / 1000)
  return ok
}

async function vitest(project, env) {
  const name = `tests, ${project}`
  console.log(`── ${name}`)
  const started = performance.now()
  const report = join(reports, `${project}.json`)
  const code = await run([binOf('vitest', 'vitest.mjs'), 'run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, '--passWithNoTests'], env)
  const seconds = (performance.now() - started) / 1000
  if (!existsSync(report)) {
    failures.push(`${name}: no report was written`)
    return count(name, 0, 1, 0, seconds)
  }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
  // A file that breaks before its first test has no failed tests; it is a failure all the same.
  const brokenFiles = testResults.filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'))
  for (const { name: file, message } of brokenFiles) failures.push(`${relative(root, file)}: ${firstLine(message)}`)
  for (const { name: file, assertionResults } of testResults)
    for (const { status, fullName, failureMessages } of assertionResults)
      if (status === 'failed') failures.push(`${relative(root, file)} > ${fullName}: ${firstLine(failureMessages[0])}`)
  const failed = numFailedTests + brokenFiles.length
  if (code !== 0 && failed === 0) failures.push(`${name}: no test failed, yet the run ended with ${code}`)
  count(name, numPassedTests, code !== 0 && failed === 0 ? 1 : failed, numPendingTests + numTodoTests, seconds)
}

async function endToEnd() {
  const chromium = chromiumPath()
  if (chromium !== null) return vitest('e2e', { CHROMIUM_PATH: chromium })
  if (process.env.CI) {
    console.log('── tests, e2e: Chromium was not found; install it or set CHROMIUM_PATH')
    failures.push('tests, e2e: Chromium was not found')
    return count('tests, e2e', 0, 1)
  }
  console.log('── tests, e2e: SKIPPED, Chromium was not found (set CHROMIUM_PATH)')
  count('tests, e2e', 0, 0, 1)
}

const [, , built] = await Promise.all([
  check('types', [require.resolve('typescript/bin/tsc'), '-p', '.']),
  check('lint', [binOf('eslint', 'bin/eslint.js'), '.', '--max-warnings=0']),
  check('build', ['scripts/build.mjs']),
])
await vitest('unit')
if (built) await endToEnd()
rmSync(reports, { recursive: true, force: true })

for (const failure of failures) console.log(`FAILED: ${failure}`)
if (totals.skipped > 0) console.log(`${totals.skipped} skipped`)
console.log(`${totals.passed} passed, ${totals.failed} failed`)
process.exitCode = totals.failed > 0 ? 1 : 0
