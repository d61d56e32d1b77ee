/** `assay audit` on the command line: what it asks for and prints, and an audit that was killed. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditPlan, AuditReport } from '../../src/shared/audit'
import { aJob } from '../support/scripted-service'
import { withoutTimes, workplace, type Workplace } from '../engine/audit/tiny-audit'
import { commandLine } from './terminal-double'

const share = (count: number, of: number) => ({ value: count / of, low: 0, high: 1, count, of })
const report: AuditReport = {
  format: 'assay-audit/1',
  model: { id: 'chest', name: 'Chest', classes: ['a', 'b'], finding: null, classifier: 'c', purifier: 'p', input: { width: 8, height: 8, channels: 1 } },
  data: { path: '/data', sha256: 's', unreadable: 1, counts: [5, 5] },
  n: 10, alpha: 0.05, seed: 0, provider: 'cpu', versions: {}, cleanAccuracy: 0.9, cleanAccuracyPurified: 0.8,
  defences: ['none', 'purifier'], threats: ['oblivious'], clean: { none: share(9, 10), purifier: share(8, 10) }, falseAlarms: share(1, 10),
  runs: [{
    attack: 'pgd', title: 'PGD', norm: 'linf', eps: 4 / 255, threat: 'oblivious', run: 'oblivious/pgd/linf/4', minimumNorm: false, attacked: 9, robustAccuracy: 0.2, robustAccuracyPurified: 0.7,
    detectionAuc: 0.91, detectedAtAlpha: 0.5, medianL2: 1.5, medianLinf: 4 / 255, seconds: 3, imagesPerSecond: 3, robust: { none: share(2, 10), purifier: share(7, 10) }, robustAt8Bits: {},
    evaded: share(1, 10), detectedAtFalseAlarms: { onePercent: 0.3, fivePercent: 0.5 }, roc: [], medianQueries: null,
  }],
  worstCase: [{ threat: 'oblivious', norm: 'linf', eps: 4 / 255, attacks: ['pgd'], robust: { none: share(2, 10), purifier: share(7, 10) }, robustAt8Bits: {}, evaded: share(1, 10) }],
  curves: [], confusion: [], warnings: [{ code: 'oblivious-only', message: 'It flatters.' }], unreadable: [{ path: '/data/x.png', code: 'file-empty', message: '/data/x.png is empty.' }], partial: false,
  limits: ['Research use only. Not for diagnosis.'], seconds: 3,
}
const asked = ['audit', '--bundle', 'chest', '--data', 'd', '--out', 'o']

describe('assay audit', () => {
  it('asks for what was written, prints a table, names what could not be read, and exits 3', async () => {
    const { run, written, service } = commandLine({ 'jobs.start': () => aJob({ kind: 'audit' }), 'jobs.wait': () => ({ job: aJob({ state: 'done', endedAt: 1 }), result: report, exitCode: 3 }) })
    expect(await run(...asked, '--attacks', 'fgsm,pgd', '--eps', '1/255,0.5', '--threat', 'oblivious,adaptive', '--limit', '40', '--seed', '7', '--option', 'pgd.steps=100', '--option', 'pgd.stepSize=1/255', '--baselines', 'none', '--no-keep')).toBe(3)
    expect(service.calls.find(({ name }) => name === 'jobs.start')!.input).toMatchObject({
      kind: 'audit',
      parameters: { bundle: 'chest', data: resolve('d'), out: resolve('o'), attacks: ['fgsm', 'pgd'], eps: [1 / 255, 0.5], norm: 'linf', threat: ['oblivious', 'adaptive'], limit: 40, seed: 7, options: { pgd: { steps: 100, stepSize: 1 / 255 } }, baselines: [], keep: false, checks: true },
    })
    expect(written.stdout).toContain('Chest (chest) on 10 images of /data')
    expect(written.stdout).toMatch(/oblivious +PGD +4\/255 +20\.0 +70\.0 +0\.910 +50\.0 +4\.00 +1\.500/)
    expect(written.stdout).toContain('[oblivious-only] It flatters.')
    expect(written.stdout).toContain('Research use only. Not for diagnosis.')
    expect(written.stderr).toContain('assay: /data/x.png is empty. (file-empty)\n')
  })

  it.each([['--attacks', 'fgsm', 'pgd'], ['--eps', '1/255', '2/255'], ['--threat', 'oblivious', 'adaptive'], ['--baselines', 'jpeg', 'none'], ['--compare', 'brain', 'skin']])('does not forget the first %s of two', async (flag, first, second) => {
    const { run, written, service } = commandLine()
    expect(await run(...asked, flag, first, flag, second)).toBe(2)
    expect(written.stderr).toMatch(/It is given twice; give all values at once, separated by commas; see assay audit --help\. \(invalid-arguments\)\n$/)
    expect(service.calls).toEqual([])
  })

  it('with --json prints the report and nothing else', async () => {
    const { run, written } = commandLine({ 'jobs.start': () => aJob(), 'jobs.wait': () => ({ job: aJob({ state: 'done', endedAt: 1 }), result: report, exitCode: 0 }) })
    expect(await run(...asked, '--json')).toBe(0)
    expect(JSON.parse(written.stdout)).toEqual(report)
  })

  it('with --plan starts nothing, and needs no folder', async () => {
    const plan: AuditPlan = {
      bundle: 'chest', classes: ['a', 'b'], images: 10, counts: [5, 5], defences: ['none'], passes: 400, seconds: 100, secondsIfBroken: 100, provider: 'cpu', warnings: [],
      runs: [{ run: { id: 'oblivious/pgd/linf/4', threat: 'oblivious', attack: 'pgd', norm: 'linf', epsilon: 4 / 255, minimumNorm: false, options: {} }, title: 'PGD', forward: 0, gradient: 40, taken: 0, seconds: 100 }],
    }
    const { run, written, service } = commandLine({ 'audit.plan': () => plan })
    expect(await run('audit', '--bundle', 'chest', '--data', 'd', '--plan')).toBe(0)
    expect(service.calls.map(({ name }) => name)).toEqual(['audit.plan'])
    expect(written.stdout).toMatch(/oblivious\/pgd\/linf\/4 +PGD +0 +40 +2 min/)
    expect(written.stdout).toContain('1 run, 400 passes over all images, 2 min at most; the columns count passes per image.')
    plan.secondsIfBroken = 20
    expect(await run('audit', '--bundle', 'chest', '--data', 'd', '--plan')).toBe(0)
    expect(written.stdout).toContain("2 min at most (20 s where the first of AutoAttack's attacks is enough); the columns")
    plan.runs[0]!.taken = 7
    expect(await run('audit', '--bundle', 'chest', '--data', 'd', '--attacked', 'before', '--plan')).toBe(0)
    expect(written.stdout).toMatch(/attacked already.*\n.*oblivious\/pgd\/linf\/4 +PGD +0 +40 +7 +2 min/)
  })

  it.each([
    ['no folder to write into', ['audit', '--bundle', 'b', '--data', 'd'], '--out'],
    ['a norm that there is none of', [...asked, '--norm', 'l1'], '--norm: choose one of linf, l2.'],
    ['a threat that there is none of', [...asked, '--threat', 'psychic'], '--threat'],
    ['a strength of nothing', [...asked, '--eps', '0'], '--eps: give a number above 0.'],
    ['an option in another form', [...asked, '--option', 'steps=3'], 'pgd.steps=100'],
    ['an empty name', [...asked, '--attacks', 'fgsm,'], 'separated by commas'],
  ])('calls %s wrong usage', async (_, args, sentence) => {
    const { run, written, service } = commandLine()
    expect(await run(...args)).toBe(2)
    expect(written.stderr).toMatch(/^assay: .+ \(invalid-arguments\)\n$/)
    expect(written.stderr).toContain(sentence)
    expect(service.calls).toEqual([])
  })
})

describe('an audit that is killed', { timeout: 180_000 }, () => {
  let place: Workplace
  beforeAll(async () => {
    place = await workplace(mkdtempSync(join(tmpdir(), 'assay-audit-cli-')), 70)
  })
  afterAll(() => rmSync(place.home, { recursive: true, force: true }))

  const start = (out: string, ...more: string[]) => {
    const child = spawn(
      process.execPath,
      [resolve(import.meta.dirname, '../../bin/assay.mjs'), 'audit', '--bundle', place.bundle, '--data', place.data, '--attacks', 'fgsm,pgd', '--eps', '2/255,6/255', '--threat', 'oblivious', '--baselines', 'none', '--no-checks', '--provider', 'cpu', '--out', join(place.home, out), '--json', ...more],
      { env: { ...process.env, ASSAY_DATA: join(place.home, 'data'), ASSAY_DEBUG: '', ASSAY_DECODE: '' }, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    return { child, ended: new Promise<{ code: number | null; stdout: string; stderr: string }>((done) => child.on('close', (code) => done({ code, stdout, stderr }))) }
  }

  it('by SIGKILL, twice, and resumed reports what an uninterrupted one does, times aside', async () => {
    const whole = await start('whole').ended
    expect(whole).toMatchObject({ code: 0 })

    const lines = join(place.home, 'killed', 'results.jsonl')
    const size = () => (existsSync(lines) ? readFileSync(lines, 'utf8').split('"kind":"chunk"').length - 1 : 0)
    for (const chunks of [4, 9]) {
      const { child, ended } = start('killed', ...(chunks > 4 ? ['--resume'] : []))
      const watch = setInterval(() => void (size() >= chunks && child.kill('SIGKILL')), 5)
      await ended
      clearInterval(watch)
      expect(size()).toBeGreaterThanOrEqual(chunks)
    }
    const resumed = await start('killed', '--resume').ended
    expect(resumed.code).toBe(0)
    expect(withoutTimes(JSON.parse(resumed.stdout) as AuditReport)).toEqual(withoutTimes(JSON.parse(whole.stdout) as AuditReport))
  })
})
