/**
 * Where ONNX Runtime puts the nodes of a model: what a provider lacks runs on the CPU, and nobody is told. The profile
 * that ONNX Runtime writes of a run names the provider of each node.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Provider } from '../../shared/types'
import type { Tensor } from '../tensor/tensor'
import { tensorToOrt } from './convert'
import { openSession, ortBinding } from './session'

interface ProfileEvent {
  cat?: string
  args?: { op_name?: string; provider?: string }
}

/**
 * Names of the operators that are left to the CPU when the model runs on `provider`, sorted. Runs the model once.
 * @throws what ONNX Runtime throws
 */
export async function operatorsOnCpu(model: Uint8Array, provider: Provider, feeds: Record<string, Tensor>): Promise<string[]> {
  if (provider === 'cpu') return []
  const folder = await mkdtemp(join(tmpdir(), 'assay-placements-'))
  try {
    const ort = await ortBinding()
    const session = await openSession(ort, model, provider, {}, { enableProfiling: true, profileFilePrefix: join(folder, 'run') })
    try {
      await session.run(Object.fromEntries(session.inputNames.map((name) => [name, tensorToOrt(ort, feeds[name]!)])))
      session.endProfiling()
    } finally {
      await session.release()
    }
    const [file] = await readdir(folder)
    const events = file === undefined ? [] : (JSON.parse(await readFile(join(folder, file), 'utf8')) as ProfileEvent[])
    return onCpu(events)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function onCpu(events: readonly ProfileEvent[]): string[] {
  const nodes = events.filter(({ cat, args }) => cat === 'Node' && args?.provider === 'CPUExecutionProvider' && args.op_name !== undefined)
  return [...new Set(nodes.map(({ args }) => args!.op_name!))].filter((op) => !op.startsWith('Memcpy')).sort()
}
