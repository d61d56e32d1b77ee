/** Finds a Python with PyTorch, the yardstick of the benchmarks; they say so and skip where there is none. */
import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'

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

/** A Python that stays, writes JSON lines, and answers what it is told with one more. */
export function serveFromPython(python: string, script: string, ...args: string[]) {
  const child = spawn(python, [script, ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
    // Memory that was freed is kept, as ONNX Runtime keeps its own: page faults would be most of some models' time.
    env: { ...process.env, MALLOC_MMAP_MAX_: '0', MALLOC_TRIM_THRESHOLD_: String(2 ** 36), MALLOC_TOP_PAD_: String(2 ** 28) },
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const next = async <T>(): Promise<T> => {
    const line = await lines.next()
    if (line.done) throw new Error(`PyTorch stopped while it ran ${script} ${args.join(' ')}.`)
    return JSON.parse(line.value) as T
  }
  return {
    next,
    ask: <T>(what: number) => {
      child.stdin.write(`${what}\n`)
      return next<T>()
    },
    stop: () => child.kill(),
  }
}

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!
