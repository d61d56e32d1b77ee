/**
 * The command line in front of a scripted engine: what it asks for, what it prints where, and how it ends.
 */
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DeviceReport, ScanReport } from '../../src/shared/types'
import { aJob } from '../support/scripted-service'
import type { Answers } from '../support/scripted-service'
import { facts } from '../../src/cli/facts'
import { commandLine } from './terminal-double'

const report: ScanReport = {
  bundle: 'chest',
  provider: 'cpu',
  alpha: 0.05,
  files: [
    { path: '/a.png', status: 'clean', score: 0, pValue: 0.5, before: { label: 'normal', probabilities: [1, 0] }, after: { label: 'normal', probabilities: [1, 0] }, heatmap: null },
    { path: '/b.png', status: 'suspicious', score: 9, pValue: 0.003, before: { label: 'pneumonia', probabilities: [0, 1] }, after: { label: 'normal', probabilities: [1, 0] }, heatmap: null },
    { path: '/c.dcm', status: 'error', score: null, pValue: null, before: null, after: null, heatmap: null, error: { code: 'file-empty', message: '/c.dcm is empty.', facts: {} } },
  ],
  counts: { total: 3, clean: 1, suspicious: 1, error: 1 },
}
const done = (result: unknown, exitCode: 0 | 3 = 0): Answers => ({
  'jobs.start': () => aJob(),
  'jobs.wait': () => ({ job: aJob({ state: 'done', endedAt: 2000 }), result, exitCode }),
})
const scan = ['scan', 'a.png', '--bundle', 'chest', '--out', 'results']

describe('assay', () => {
  it.each([
    ['an unknown command', ['explode']],
    ['an unknown option', [...scan, '--explode']],
    ['a missing option', ['scan', 'a.png']],
    ['a missing operand', ['scan', '--bundle', 'b', '--out', 'o']],
    ['a value out of range', [...scan, '--alpha', '2']],
    ['a value that is no number', [...scan, '--alpha', 'half']],
    ['a provider that does not exist', [...scan, '--provider', 'abacus']],
    ['a fraction that is none', ['attack', '--bundle', 'b', '--data', 'd', '--attack', 'pgd', '--eps', '4/0', '--out', 'o']],
    ['an attack on no data', ['attack', '--bundle', 'b', '--attack', 'pgd', '--eps', '4/255', '--out', 'o']],
    ['an option of an attack that is no number', ['attack', '--bundle', 'b', '--data', 'd', '--attack', 'cw', '--option', 'searches=few', '--out', 'o']],
    ['a name in the data without its class', ['attack', '--bundle', 'b', '--data', 'd', '--attack', 'pgd', '--class-names', 'opacity', '--eps', '4/255', '--out', 'o']],
    ['a norm that does not exist', ['attack', '--bundle', 'b', '--data', 'd', '--attack', 'pgd', '--norm', 'l3', '--eps', '4/255', '--out', 'o']],
    ['phantoms of no size', ['phantoms', '--out', 'o', '--size', '0']],
    ['two things to try at once', ['devices', '--bundle', 'b', '--model', 'm.onnx']],
    ['a port that cannot be', ['serve', '--port', '99999']],
    ['an empty path among others', ['scan', 'a.png', '', '--bundle', 'b', '--out', 'o']],
    ['an empty path to anonymise', ['anonymise', '', '--out', 'o']],
    ['an empty output folder', ['convert', 'a.png', '--out', '']],
  ])('calls %s wrong usage, exit 2, in one sentence', async (_what, args) => {
    const { run, written, service } = commandLine()
    expect(await run(...args)).toBe(2)
    expect(written.stderr).toMatch(/^assay: .+ \(invalid-arguments\)\n$/)
    expect(written.stdout).toBe('')
    expect(service.calls).toEqual([])
  })

  it.each([
    [['--alpha', '2'], '--alpha: give a number below 1.'],
    [['--alpha', '0'], '--alpha: give a number above 0.'],
    [['--bundle', ''], '--bundle: give one that is not empty.'],
    [['--bundel', 'chest'], "unknown option '--bundel' (Did you mean --bundle?); see assay scan --help."],
    [['--provider', 'abacus'], '--provider: choose one of auto, cpu, webgpu, dml, coreml, cuda.'],
  ])('says what to give instead of %s', async (options, sentence) => {
    const { run, written } = commandLine()
    await run(...scan, ...options)
    expect(written.stderr).toBe(`assay: ${sentence} (invalid-arguments)\n`)
  })

  it.each([
    [['scna'], "unknown command 'scna' (Did you mean scan?); see assay --help."],
    [['scan', 'a.png', '--bundle', 'chest', '--otu', 'results'], "unknown option '--otu' (Did you mean --out?); see assay scan --help."],
    [['scan', 'a.png'], '--bundle, --out are missing; see assay scan --help.'],
    [['train', 'check'], '--data is missing; see assay train check --help.'],
    [['attack', '--bundle', 'chest'], '--data, --attack, --out are missing; see assay attack --help.'],
    [['audit', '--bundle', 'chest', '--data', 'd'], '--out is missing; see assay audit --help.'],
  ])('says of %j what is misspelt before what is missing, and where to read on', async (args, sentence) => {
    const { run, written } = commandLine()
    expect(await run(...args, '--json')).toBe(2)
    expect(written.stderr).toBe(`assay: ${sentence} (invalid-arguments)\n`)
    expect(JSON.parse(written.stdout)).toMatchObject({ error: { code: 'invalid-arguments', message: sentence } })
  })

  it('says facts in words', () => {
    expect(facts({ robustAccuracyAt8Bits: 0.5, epsilonOf255: 4, sha256: 'ab' })).toEqual(['robust accuracy at 8 bits: 0.5', 'epsilon of 255: 4', 'sha256: ab'])
  })

  it('lets no name of a file command the terminal or begin a line of its own', async () => {
    const nasty = '/scans/\u001b[2Jevil\nassay: all clean\u202e.png'
    const shown = '/scans/⟨U+001B⟩[2Jevil⟨U+000A⟩assay: all clean⟨U+202E⟩.png'
    const [, suspicious, failed] = report.files
    const files = [{ ...suspicious!, path: nasty }, { ...failed!, path: nasty, error: { code: 'file-empty' as const, message: `${nasty} is empty.`, facts: {} } }]
    const { run, written } = commandLine(done({ ...report, files }, 3))
    await run(...scan)
    expect(written.stdout.split('\n')[0]).toBe(`suspicious  p 0.003  ${shown}  pneumonia → normal`)
    expect(written.stderr).toBe(`assay: ${shown} is empty. (file-empty)\n`)
  })

  it('prints what each provider came to, the reasons, and what auto takes', async () => {
    const report: DeviceReport = {
      machine: 'this machine',
      checkedAt: Date.UTC(2026, 0, 2, 3, 4),
      auto: 'webgpu',
      devices: [
        { provider: 'webgpu', state: 'agrees', forward: 2e-7, backward: 6e-7, milliseconds: 7.84, onCpu: ['MaxPool'] },
        { provider: 'dml', state: 'disagrees', forward: 1e-6, backward: null, reason: 'its gradients are wrong', onCpu: [] },
        { provider: 'cpu', state: 'reference', milliseconds: 60 },
      ],
      model: { name: 'chest', devices: [{ provider: 'cpu', state: 'reference', milliseconds: 9 }], auto: [{ file: 'classifier.onnx', provider: 'webgpu', onCpu: ['TopK'] }] },
    }
    const { run, written, service } = commandLine(done(report))
    expect(await run('devices', '--again', '--bundle', 'chest')).toBe(0)
    expect(service.calls[0]).toMatchObject({ name: 'jobs.start', input: { kind: 'devices', parameters: { again: true, bundle: 'chest' } } })
    expect(written.stdout.split('\n')).toEqual([
      'this machine',
      'webgpu   agrees with the CPU (largest difference 2.0e-7 forward, 6.0e-7 backward), 7.8 ms per step; on the CPU all the same: MaxPool',
      'dml      REFUSED (largest difference 1.0e-6 forward, not a number backward): its gradients are wrong',
      'cpu      the reference, 60.0 ms per step',
      'auto takes webgpu. Checked 2026-01-02 03:04 UTC; --again checks anew.',
      '',
      'chest, forward and backward:',
      'cpu      the reference, 9.0 ms per step',
      'auto takes webgpu for classifier.onnx, which leaves TopK to the CPU',
      '',
    ])
  })

  it('says under a scan where it did not run and why, but not what the machine never had', async () => {
    const fallbacks = [{ provider: 'webgpu' as const, reason: 'it was wrong' }, { provider: 'dml' as const, reason: 'no such thing', absent: true as const }]
    const { run, written } = commandLine(done({ ...report, fallbacks, onCpu: ['TopK'] }))
    await run(...scan)
    expect(written.stdout).toContain('\nnot on webgpu: it was wrong\non the CPU all the same: TopK\n')
    expect(written.stdout).not.toContain('no such thing')
  })

  it('says what a training wants', async () => {
    const objections = { '--epochs': ['1.5', 'give a whole number'], '--blocks': ['5', 'give a number up to 4'], '--id': ['../x', 'give small letters, digits and hyphens'] }
    for (const [flag, [value, sentence]] of Object.entries(objections)) {
      const { run, written } = commandLine()
      expect(await run('train', 'classifier', '--data', 'd', '--out', 'o', flag, value!)).toBe(2)
      expect(written.stderr).toBe(`assay: ${flag}: ${sentence}. (invalid-arguments)\n`)
    }
  })

  it('prints its help and its version on stdout, exit 0', async () => {
    for (const args of [['--help'], ['scan', '--help'], ['train', 'purifier', '--help'], ['--version']]) {
      const { run, written } = commandLine()
      expect(await run(...args)).toBe(0)
      expect(written.stdout).not.toBe('')
      expect(written.stderr).toBe('')
    }
  })

  it.each(['scan', 'attack', 'train classifier', 'train purifier', 'calibrate', 'convert', 'inspect', 'phantoms'])('shows an example in the help of %s', async (command) => {
    const { run, written } = commandLine()
    await run(...command.split(' '), '--help')
    expect(written.stdout).toMatch(new RegExp(`Examples?:\n {2}assay ${command} `))
  })

  it('asks the engine with absolute paths and the options given', async () => {
    const { run, service } = commandLine(done(report, 3))
    await run(...scan, 'folder', '--alpha', '0.1', '--no-heatmaps', '--resume', '--provider', 'cpu')
    expect(service.calls[0]).toEqual({
      name: 'jobs.start',
      input: {
        kind: 'scan',
        parameters: { paths: [resolve('a.png'), resolve('folder')], bundle: 'chest', out: resolve('results'), alpha: 0.1, provider: 'cpu', resume: true, retryFailed: false, quiet: false, captures: false, heatmaps: false },
      },
    })
  })

  it('reads strengths as fractions of 255', async () => {
    const { run, service, written } = commandLine(done({}))
    await run('attack', '--bundle', './b', '--data', 'd', '--attack', 'pgd', '--eps', '4/255', '--step-size', '0.01', '--no-random-start', '--out', 'o')
    expect(service.calls[0]!.input).toMatchObject({ parameters: { bundle: resolve('b'), epsilon: 4 / 255, stepSize: 0.01, randomStart: false } })
    expect(written.stdout).toBe('Research use only. Not for diagnosis.\n')
  })

  it('takes the options of an attack by name, and a minimum-norm attack without a strength', async () => {
    const { run, service } = commandLine(done({}))
    expect(await run('attack', '--bundle', 'b', '--data', 'd', '--attack', 'cw', '--option', 'searches=5', '--option', 'learningRate=1/200', '--finding', 'nodule', '--out', 'o')).toBe(0)
    const { parameters } = service.calls[0]!.input as { parameters: Record<string, unknown> }
    expect(parameters).toMatchObject({ attack: 'cw', options: { searches: 5, learningRate: 1 / 200 }, finding: 'nodule' })
    expect(parameters['epsilon']).toBeUndefined()
  })

  it.each([
    ['attack', ['attack', '--bundle', 'b', '--attack', 'pgd', '--eps', '4/255', '--out', 'o']],
    ['audit', ['audit', '--bundle', 'b', '--out', 'o']],
    ['train-purifier', ['train', 'purifier', '--bundle', 'b']],
    ['train-classifier', ['train', 'classifier', '--out', 'o']],
    ['check-data', ['train', 'check']],
  ])('takes the names that data have for the classes: %s', async (kind, args) => {
    const { run, service } = commandLine(done({}))
    await run(...args, '--data', 'd', '--class-names', 'opacity=PNEUMONIA', '--class-names', 'a = b =NORMAL').catch(() => undefined)
    expect(service.calls[0]!.input).toMatchObject({ kind, parameters: { classNames: { opacity: 'PNEUMONIA', 'a = b': 'NORMAL' } } })
  })

  it('lists the attacks with what they need and their defaults, as text and as JSON', async () => {
    const attack = {
      name: 'cw' as const, title: 'CW', norms: ['l2' as const], access: 'gradients' as const, minimumNorm: true, random: false, reference: 'Carlini & Wagner',
      parameters: [{ name: 'searches', label: 'Searches for c', minimum: 1, maximum: 100, integer: true, standard: 9 }],
    }
    const answers = { 'attacks.list': () => [attack] }
    const forPeople = commandLine(answers)
    expect(await forPeople.run('attack', '--list', '--eps', '2/255')).toBe(0)
    expect(forPeople.service.calls).toEqual([{ name: 'attacks.list', input: { norm: 'linf', epsilon: 2 / 255 } }])
    expect(forPeople.written.stdout).toBe('cw: CW\n  L2; uses gradients; looks for the smallest change, --eps not needed\n  Carlini & Wagner\n  --option searches=9  Searches for c, 1 to 100\n')
    const forPrograms = commandLine(answers)
    await forPrograms.run('attack', '--list', '--json')
    expect(JSON.parse(forPrograms.written.stdout)).toEqual({ attacks: [attack] })
  })

  it('prints one JSON object on stdout with --json, names bad inputs on stderr, and exits 3', async () => {
    const { run, written } = commandLine(done(report, 3))
    expect(await run(...scan, '--json')).toBe(3)
    expect(JSON.parse(written.stdout)).toEqual(report)
    expect(written.stderr).toBe('assay: /c.dcm is empty. (file-empty)\n')
  })

  it('tells a person which files are suspicious, and what that means', async () => {
    const { run, written } = commandLine(done(report, 3))
    await run(...scan)
    expect(written.stdout).toContain('suspicious  p 0.003  /b.png  pneumonia → normal')
    expect(written.stdout).toContain('3 files: 1 clean, 1 suspicious, 1 unreadable')
    expect(written.stdout).toContain('about 5 % of untouched scans are flagged too')
  })

  it("ends with the job's own error, exit 1, also as JSON", async () => {
    const error = { code: 'bundle-hash-mismatch' as const, message: 'The classifier was changed; get the bundle again.', facts: {} }
    const { run, written } = commandLine({ 'jobs.start': () => aJob(), 'jobs.wait': () => ({ job: aJob({ state: 'failed', endedAt: 1, error }), result: null, exitCode: 1 }) })
    expect(await run(...scan, '--json')).toBe(1)
    expect(written.stderr).toBe('assay: The classifier was changed; get the bundle again. (bundle-hash-mismatch)\n')
    expect(JSON.parse(written.stdout)).toEqual({ error })
  })

  it.each([
    ['goes on with --resume', ['audit', '--bundle', 'b', '--data', 'd', '--out', 'o'], 'Cancelled; start again with --resume to go on from here.'],
    ['can be ended', ['train', 'classifier', '--data', 'd', '--out', 'o'], 'Cancelled; start again with --resume to go on from here, or with --resume --finish to end with the best so far.'],
    ['cannot go on', ['calibrate', '--bundle', 'b', '--data', 'd'], 'Cancelled; what was finished is kept.'],
  ])('says of a job that was stopped and %s what can be done', async (_what, args, sentence) => {
    const { run, written } = commandLine({ 'jobs.start': () => aJob(), 'jobs.wait': () => ({ job: aJob({ state: 'cancelled', endedAt: 1 }), result: null, exitCode: 1 }) })
    expect(await run(...args)).toBe(1)
    expect(written.stderr).toBe(`assay: ${sentence} (cancelled)\n`)
  })

  it('cancels on the first Ctrl+C and quits on the second', async () => {
    let end: () => void = () => {}
    const { run, signals, service, quits, written } = commandLine({
      'jobs.start': () => aJob(),
      'jobs.wait': () => new Promise((answer) => (end = () => answer({ job: aJob({ state: 'cancelled', endedAt: 1 }), result: null, exitCode: 1 }))),
      'jobs.cancel': () => aJob(),
    })
    const running = run(...scan)
    await expect.poll(() => service.calls.map(({ name }) => name)).toContain('jobs.wait')
    signals.emit('SIGINT')
    await expect.poll(() => service.calls.at(-1)).toEqual({ name: 'jobs.cancel', input: { jobId: 'job-1' } })
    expect(quits).toEqual([])
    signals.emit('SIGINT')
    expect(quits).toEqual([1])
    end()
    expect(await running).toBe(1)
    expect(written.stderr).toContain('(cancelled)')
    expect(signals.listenerCount('SIGINT')).toBe(0)
  })

  it('shows progress on stderr only: rewritten on a terminal, plain lines in a log', async () => {
    for (const isTTY of [true, false]) {
      const { run, service, written } = commandLine(
        {
          'jobs.start': () => aJob(),
          'jobs.wait': async () => {
            await new Promise((resume) => setTimeout(resume, 20))
            for (const part of [1, 2]) service.emit({ name: 'job', payload: aJob({ done: part, remainingSeconds: 30 }) })
            for (const [epoch, step, loss] of [[null, 61, 0.5], [null, 90, 0.4], [3, 90, 0.123456]] as const) service.emit({ name: 'train.metrics', payload: { jobId: 'job-1', epoch, step, metrics: { loss } } })
            await new Promise((resume) => setTimeout(resume, 20))
            return { job: aJob({ state: 'done', endedAt: 1 }), result: report, exitCode: 0 }
          },
        },
        isTTY,
      )
      await run(...scan, '--json')
      expect(JSON.parse(written.stdout)).toEqual(report)
      expect(written.stderr).toContain('50 %  1/2  30 s left')
      // A line for what an epoch came to, none for the steps in between.
      expect(written.stderr.match(/(epoch|step|loss) .*/g)).toEqual(['epoch 3  loss 0.1235'])
      expect(written.stderr.includes('\r')).toBe(isTTY)
    }
  })
})
