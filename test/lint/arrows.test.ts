/**
 * The import rules are a check, not a wish: each case is a small wrong import that ESLint itself must refuse, beside a
 * right one that it must accept.
 */
import { resolve } from 'node:path'
import { ESLint } from 'eslint'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const eslint = new ESLint({ cwd: root })

async function complaints(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: resolve(root, filePath) })
  return result!.messages.filter(({ ruleId }) => ruleId?.startsWith('boundaries/') || ruleId?.includes('restricted-imports')).map(({ message }) => message)
}

const refused: [string, string, string, RegExp][] = [
  ['the renderer reaching into the engine', 'src/renderer/wrong.ts', "import { createEngine } from '../engine/index'\nvoid createEngine", /renderer may not import engine/],
  ['the renderer reaching into an engine room for a type', 'src/renderer/wrong.ts', "import type { Tensor } from '../engine/tensor/tensor'\nexport type T = Tensor", /renderer may not import tensor/],
  ['a lower room importing a higher one', 'src/engine/tensor/wrong.ts', "import { listBundles } from '../bundle/catalogue'\nvoid listBundles", /tensor may not import bundle/],
  ['a lower room importing a higher one lazily', 'src/engine/tensor/wrong.ts', "export const load = () => import('../bundle/catalogue')", /tensor may not import bundle/],
  ['a room importing the job runner instead of the definition', 'src/engine/screening/wrong.ts', "import { createJobRunner } from '../jobs/runner'\nvoid createJobRunner", /screening may not import jobs/],
  ['a room importing the facade', 'src/engine/screening/wrong.ts', "import { createEngine } from '../index'\nvoid createEngine", /screening may not import engine/],
  ['shared code importing the engine', 'src/shared/wrong.ts', "import { createEngine } from '../engine/index'\nvoid createEngine", /shared may not import engine/],
  ['a front going behind the facade', 'src/host/wrong.ts', "import { listBundles } from '../engine/bundle/catalogue'\nvoid listBundles", /host may not import bundle/],
  ['a room that nobody declared', 'src/engine/cellar/wrong.ts', "import { tensor } from '../tensor/tensor'\nvoid tensor", /undeclared-room may not import tensor/],
  ['electron outside main and preload', 'src/host/wrong.ts', "import { app } from 'electron'\nvoid app", /electron is imported in/],
  ['the runtime outside its room', 'src/engine/screening/wrong.ts', "import * as ort from 'onnxruntime-node'\nvoid ort", /onnxruntime-node is imported in/],
  ['Node in a page', 'src/renderer/wrong.ts', "import { readFile } from 'node:fs/promises'\nvoid readFile", /Node is not/],
  ['Node in shared code', 'src/shared/wrong.ts', "import { readFile } from 'node:fs/promises'\nvoid readFile", /Node is not/],
]

const accepted: [string, string, string][] = [
  ['the renderer using the contract', 'src/renderer/right.ts', "import { calls } from '../shared/contract'\nvoid calls"],
  ['a higher room importing a lower one', 'src/engine/bundle/right.ts', "import { tensor } from '../tensor/tensor'\nvoid tensor"],
  ['a job importing the definition', 'src/engine/screening/right.ts', "import type { JobDefinition } from '../jobs/definition'\nexport type J = JobDefinition"],
  ['a package from outside', 'src/renderer/right.ts', "import { useState } from 'react'\nvoid useState"],
  ['electron in main', 'src/main/right.ts', "import { app } from 'electron'\nvoid app"],
  ['the runtime in its room', 'src/engine/runtime/right.ts', "import * as ort from 'onnxruntime-node'\nvoid ort"],
]

describe('import rules', { timeout: 60_000 }, () => {
  it.each(refused)('refuse %s', async (_what, path, code, message) => {
    expect(await complaints(path, code)).toEqual([expect.stringMatching(message)])
  })
  it.each(accepted)('accept %s', async (_what, path, code) => {
    expect(await complaints(path, code)).toEqual([])
  })
})
