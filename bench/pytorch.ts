/** Finds a Python with PyTorch, the yardstick of the benchmarks; they say so and skip where there is none. */
import { spawnSync } from 'node:child_process'

export function pythonWithTorch(): string | undefined {
  for (const python of [process.env.ASSAY_PYTHON, '/usr/bin/python3', 'python3']) {
    if (!python) continue
    const found = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' })
    if (found.status === 0) {
      console.log(`PyTorch ${found.stdout.trim()} (${python})`)
      return python
    }
  }
  console.log('SKIPPED: no Python with PyTorch on this machine (set ASSAY_PYTHON)')
  return undefined
}

/** Runs a script of this folder and parses the JSON on the last line of its output. */
export function runPython<T>(python: string, script: string, ...args: string[]): T {
  const done = spawnSync(python, [script, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 })
  if (done.status !== 0) throw new Error(done.stderr)
  return JSON.parse(done.stdout.trim().split('\n').at(-1)!) as T
}

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!
