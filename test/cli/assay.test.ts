/**
 * The command as people run it: `bin/assay.mjs` in a process of its own, with the real engine behind it.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-cli-'))
  await assay('phantoms', '--out', 'p1', '--count', '10', '--size', '64', '--seed', '5')
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Run {
  code: number | null
  stdout: string
  stderr: string
}

function start(args: string[], from = root): { child: ChildProcess; output: { stdout: string; stderr: string }; ended: Promise<Run> } {
  const child = spawn(process.execPath, [join(from, 'bin', 'assay.mjs'), ...args], {
    cwd: folder,
    env: { ...process.env, ASSAY_DATA: join(folder, 'data'), ASSAY_DEBUG: '', ASSAY_DECODE: '' },
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
  const ended = new Promise<Run>((done) => child.on('close', (code) => done({ code, ...output })))
  return { child, output, ended }
}

const assay = (...args: string[]): Promise<Run> => start(args).ended

describe('the command assay', { timeout: 120_000 }, () => {
  it('draws phantoms, the same ones for the same seed', async () => {
    const { code, stdout } = await assay('phantoms', '--out', 'p2', '--count', '10', '--size', '64', '--seed', '5', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ written: 10, train: 8, test: 2 })
    const file = join('train', 'opacity', 'phantom-0002.png')
    expect(readFileSync(join(folder, 'p1', file))).toEqual(readFileSync(join(folder, 'p2', file)))
  })

  it.skipIf(!existsSync('/dev/full'))('says so, and fails, where its report cannot be written', async () => {
    const child = spawn(process.execPath, [join(root, 'bin', 'assay.mjs'), 'convert', join('p1', 'test', 'normal'), '--out', 'lost', '--json'], {
      cwd: folder,
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    })
    let said = ''
    child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()))
    expect(await new Promise((done) => child.on('close', done))).toBe(1)
    expect(said).toMatch(/The disk is full; .+ \(disk-full\)\n$/)
  })

  it.skipIf(!existsSync('/dev/full'))('does its work where its progress and its errors cannot be written', async () => {
    const child = spawn(process.execPath, [join(root, 'bin', 'assay.mjs'), 'convert', join('p1', 'test', 'normal'), 'not-there.png', '--out', 'unheard', '--json'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', openSync('/dev/full', 'w')],
    })
    let said = ''
    child.stdout!.on('data', (chunk: Buffer) => (said += chunk.toString()))
    expect(await new Promise((done) => child.on('close', done))).toBe(3)
    expect(JSON.parse(said)).toMatchObject({ counts: { total: 2, converted: 1, error: 1 } })
  })

  it('comes to the same exit code when nobody reads to the end what it prints', async () => {
    const child = spawn(process.execPath, [join(root, 'bin', 'assay.mjs'), 'convert', 'not-there.png', '--out', 'unread', '--json'], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
    child.stdout!.destroy()
    expect(await new Promise((done) => child.on('exit', done))).toBe(3)
  })

  it('draws no second set into the folder of a first', async () => {
    const { code, stderr } = await assay('phantoms', '--out', 'p1', '--count', '4', '--size', '64', '--seed', '6')
    expect(code).toBe(2)
    expect(stderr).toMatch(/p1 already holds train of an earlier run; choose another folder\. \(invalid-arguments\)\n$/)
  })

  it('converts what it can read, names what it cannot, and exits 3', async () => {
    mkdirSync(join(folder, 'mixed'))
    copyFileSync(join(folder, 'p1', 'test', 'normal', 'phantom-0001.png'), join(folder, 'mixed', 'good.png'))
    writeFileSync(join(folder, 'mixed', 'empty.png'), '')
    writeFileSync(join(folder, 'mixed', 'note.dcm'), 'this is a text file that somebody called .dcm')
    const { code, stdout, stderr } = await assay('convert', 'mixed', '--out', 'converted', '--json')
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({ counts: { total: 3, converted: 1, error: 2 } })
    expect(stderr).toMatch(/^assay: .*empty\.png.* \(file-empty\)$/m)
    expect(stderr).toMatch(/^assay: .*note\.dcm.* \(image-format-unknown\)$/m)
    expect(readdirSync(join(folder, 'converted'))).toEqual(['good.npz'])
  })

  it('says in one sentence, without a stack, that a folder cannot be written', async () => {
    writeFileSync(join(folder, 'a-file'), '')
    const { code, stdout, stderr } = await assay('convert', 'mixed', '--out', join('a-file', 'below'), '--json')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^assay: .+ \((output-not-writable|file-unreadable)\)\n$/)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: expect.stringMatching(/output-not-writable|file-unreadable/) as string } })
  })

  it('fails with the code of a bundle that is not there', async () => {
    const { code, stderr } = await assay('scan', 'mixed', '--bundle', 'nothing-of-that-name', '--out', 'results')
    expect(code).toBe(1)
    expect(stderr).toContain('(bundle-not-found)')
  })

  it('stops a training at Ctrl+C, keeps the record and the checkpoint, and ends it with the best so far when asked to', async () => {
    const command = ['train', 'classifier', '--data', 'p1/train', '--out', 'bundle', '--size', '32', '--width', '8', '--epochs', '5000', '--batch', '2', '--provider', 'cpu']
    const { child, output, ended } = start(command)
    await Promise.race([ended, expect.poll(() => output.stderr, { timeout: 60_000 }).toContain('epoch 1 ')])
    child.kill('SIGINT')
    const { code, stderr } = await ended
    expect(code).toBe(1)
    expect(stderr).toContain('start again with --resume to go on from here, or with --resume --finish to end with the best so far. (cancelled)')
    expect(await assay(...command)).toMatchObject({ code: 1, stderr: expect.stringContaining('(output-not-writable)') as string })
    expect((await assay(...command, '--resume', '--finish')).code).toBe(0)
    expect(readdirSync(join(folder, 'bundle')).sort()).toEqual(['MODEL_CARD.md', 'bundle.json', 'classifier.onnx'])
    const jobs = join(folder, 'data', 'jobs')
    const records = readdirSync(jobs).map((id) => JSON.parse(readFileSync(join(jobs, id, 'job.json'), 'utf8')) as { job: { kind: string; state: string } })
    expect(records.map(({ job }) => job).filter(({ kind }) => kind === 'train-classifier').map(({ state }) => state).sort()).toEqual(['cancelled', 'done', 'failed'])
  })

  it.each([
    ['an output below a file', ['--out', join('a-file', 'bundle')], 'output-not-writable'],
    ['a test folder of other classes', ['--out', 'never', '--test', 'p1'], 'data-set-invalid'],
    ['a text that is not there', ['--out', 'never', '--about', 'nothing.md'], 'file-not-found'],
  ])('refuses %s before a training begins, not after it', async (_what, options, code) => {
    writeFileSync(join(folder, 'a-file'), '')
    const run = await assay('train', 'classifier', '--data', 'p1/train', '--size', '32', '--epochs', '1', '--batch', '2', '--provider', 'cpu', ...options)
    expect(run.code).toBe(1)
    expect(run.stderr).toContain(`(${code})`)
    expect(run.stderr).not.toContain('epoch')
    expect(existsSync(join(folder, 'never'))).toBe(false)
  })

  it('trains although the first image cannot be read, and names that one and those of the test', async () => {
    for (const part of ['train', 'test']) {
      cpSync(join(folder, 'p1', part), join(folder, 'holed', part), { recursive: true })
      writeFileSync(join(folder, 'holed', part, 'normal', 'a-first.png'), '')
    }
    const { code, stdout } = await assay('train', 'classifier', '--data', 'holed/train', '--test', 'holed/test', '--out', 'from-holed', '--size', '32', '--width', '4', '--epochs', '1', '--batch', '2', '--provider', 'cpu', '--json')
    expect(code).toBe(3)
    const { unreadable } = JSON.parse(stdout) as { unreadable: { path: string; code: string }[] }
    expect(unreadable.map(({ path, code }) => [path, code])).toEqual(['train', 'test'].map((part) => [join(folder, 'holed', part, 'normal', 'a-first.png'), 'file-empty']))
  })

  it('serves the interface until it is told to stop', async () => {
    const { child, output, ended } = start(['serve', '--json'])
    await expect.poll(() => output.stdout, { timeout: 60_000 }).toContain('\n')
    const { url } = JSON.parse(output.stdout) as { url: string }
    const entry = await fetch(url, { redirect: 'manual' })
    const cookie = entry.headers.get('set-cookie')!.split(';')[0]!
    const info = await fetch(new URL('/api/call/app.info', url), { method: 'POST', headers: { cookie, 'content-type': 'application/json' }, body: '{}' })
    expect(await info.json()).toMatchObject({ version: '0.1.0', dataFolder: join(folder, 'data') })
    const page = await fetch(new URL('/', url), { headers: { cookie } })
    expect(await page.text()).toContain('<title>Assay</title>')
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
  })
})

describe('a fresh checkout', { timeout: 180_000 }, () => {
  it('is built on first use, once for two commands at once, and stdout stays clean', async () => {
    const checkout = join(folder, 'checkout')
    mkdirSync(checkout)
    for (const part of ['src', 'bin', 'scripts', 'docs', 'package.json', 'package-lock.json', 'electron.vite.config.ts', 'tsconfig.json']) cpSync(join(root, part), join(checkout, part), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'), 'junction')
    chmodSync(join(checkout, 'bin', 'assay.mjs'), 0o755)
    const runs = await Promise.all([start(['--version'], checkout).ended, start(['--version'], checkout).ended])
    expect(runs.map(({ code, stdout }) => ({ code, stdout }))).toEqual([
      { code: 0, stdout: '0.1.0\n' },
      { code: 0, stdout: '0.1.0\n' },
    ])
    expect(runs.filter(({ stderr }) => stderr.includes('building'))).toHaveLength(1)
    expect(existsSync(join(checkout, 'out', 'build.lock'))).toBe(false)

    const again = await start(['--version'], checkout).ended
    expect(again.stderr).toBe('')
    writeFileSync(join(checkout, 'src', 'shared', 'newcomer.ts'), 'export {}\n')
    expect((await start(['--version'], checkout).ended).stderr).toContain('building')
  })
})
