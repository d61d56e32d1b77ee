/**
 * A decode worker that does what the file's name says, in place of the built one: a pool can be tested with it on files
 * that no decoder of ours would fall for.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const source = `
import { parentPort, threadId } from 'node:worker_threads'
const hold = []
const done = (id, rest) => parentPort.postMessage({ type: 'done', id, spent: false, ...rest })
parentPort.on('message', async ({ id, task }) => {
  const name = task.path.split('/').at(-1)
  const [what, number] = name.split('-')
  const answer = { thread: threadId, name }
  switch (what) {
    case 'echo': return done(id, { result: answer })
    case 'kept': return done(id, { result: answer, kept: task.path })
    case 'spent': return done(id, { result: answer, spent: true })
    case 'wait': return setTimeout(() => done(id, { result: answer }), Number(number))
    case 'large': return parentPort.postMessage({ type: 'opened', id, bytes: 64 * 2 ** 20, framesAtOnce: 1 }), setTimeout(() => done(id, { result: answer }), Number(number))
    case 'refuse': return done(id, { error: { code: 'image-corrupt', message: name + ' is damaged', facts: { path: task.path } } })
    case 'loop': for (;;) Math.sqrt(2)
    case 'regexp': return /^(a+)+$/.test('a'.repeat(64) + 'b')
    case 'buffers': for (;;) hold.push(new Uint8Array(2 ** 22).fill(1))
    case 'objects': for (;;) hold.push({ x: hold.length, y: 'y' + hold.length })
    case 'push': { const numbers = []; for (;;) numbers.push(numbers.length * 1.5) }
    case 'text': { const texts = []; for (let i = 0; ; i++) texts.push(Array.from('abcdefgh'.repeat(65536) + i)) }
    case 'wasm': {
      // Grows by its own instruction, unseen by JavaScript, and writes into every page.
      const { instance } = await WebAssembly.instantiate(new Uint8Array([0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,5,3,1,0,16,7,8,1,4,103,114,111,119,0,0,10,45,1,43,1,1,127,3,64,65,16,64,0,65,16,116,33,0,3,64,32,0,65,1,54,2,0,32,0,65,128,32,106,34,0,65,255,255,63,113,13,0,11,12,0,11,11]))
      return instance.exports.grow()
    }
    case 'throw': setTimeout(() => { throw new Error('nobody catches this') }); return
    case 'exit': process.exit(3)
  }
})
parentPort.postMessage({ type: 'ready' })
`

export interface ScriptedWorker {
  file: string
  remove(): void
}

export function scriptedWorker(): ScriptedWorker {
  const folder = mkdtempSync(join(tmpdir(), 'assay-pool-'))
  const file = join(folder, 'worker.mjs')
  writeFileSync(file, source)
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export interface Answer {
  thread: number
  name: string
}

/** What the scripted worker answers with, for the task of a file of this name. */
export const named = (name: string) => ({ kind: 'frame' as const, path: join('/scans', basename(name)) })
