/**
 * ONNX Runtime's telemetry leaves a device id and a database in the user's cache, and looks up a host of Microsoft's,
 * unless it is switched off in time. The trace on disk is what can be looked for.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GraphBuilder } from '../../src/engine/onnx/builder'
import { relu } from '../../src/engine/onnx/ops'

const root = resolve(import.meta.dirname, '../..')

/**
 * Runs something with an empty home and hardly any environment (the collector keeps quiet by itself where variables
 * tell it of a build server); answers whether a trace is there afterwards.
 */
function leavesTrace(args: (home: string) => string[]): boolean {
  const home = mkdtempSync(join(tmpdir(), 'assay-home-'))
  try {
    const env = { PATH: process.env.PATH, HOME: home, ASSAY_DATA: join(home, 'data') }
    const done = spawnSync(process.execPath, args(home), { cwd: root, env, encoding: 'utf8' })
    expect(done.status, done.stderr).toBe(0)
    return existsSync(join(home, '.cache', 'Microsoft'))
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

describe.skipIf(process.platform !== 'linux')('ONNX Runtime under Assay', { timeout: 60_000 }, () => {
  it('leaves a trace when it is used bare, so that the next tests can see one', () => {
    const g = new GraphBuilder()
    g.output('y', relu(g, g.input('x', [1])))
    const trace = leavesTrace((home) => {
      const model = join(home, 'model.onnx')
      writeFileSync(model, g.toBytes())
      return ['--input-type=module', '-e', `import ort from 'onnxruntime-node'; const s = await ort.InferenceSession.create(${JSON.stringify(model)}); await new Promise((r) => setTimeout(r, 1000)); await s.release()`]
    })
    expect(trace).toBe(true)
  })

  it('leaves none from the command line itself', () => {
    expect(leavesTrace(() => ['bin/assay.mjs', 'devices', '--json'])).toBe(false)
  })

  it('leaves none from the engine in its worker thread', () => {
    expect(leavesTrace((home) => ['bin/assay.mjs', 'scan', 'resources/samples/clean-normal.png', '--bundle', 'demo-phantom', '--out', join(home, 'out'), '--provider', 'cpu'])).toBe(false)
  })
})
