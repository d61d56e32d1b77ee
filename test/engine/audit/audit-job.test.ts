/** `assay audit` as a job, on a bundle whose answers are known by hand. */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync, cpSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readChunk, writeChunk } from '../../../src/engine/audit/audit-folder'
import { AuditDesk } from '../../../src/engine/audit/desk'
import { updateManifest, writeBundle } from '../../../src/engine/bundle/write'
import { gather } from '../../../src/engine/onnx/ops'
import { createSession } from '../../../src/engine/runtime/session'
import { createByteStore } from '../../../src/engine/store'
import { decodeNpz } from '../../../src/engine/tensor/npz'
import { auditReportSchema, type AuditRecord, type AuditReport } from '../../../src/shared/audit'
import { classifierModel, draft, exportedFor, purifierModel } from '../screening/tiny-bundle'
import { audit, withoutTimes, workplace, writeImages, writeMaskedBundle, type Ran, type Workplace } from './tiny-audit'

let place: Workplace
let whole: Ran
const at = (...parts: string[]): string => join(place.home, ...parts)
const linesOf = (out: string): string[] => readFileSync(at(out, 'results.jsonl'), 'utf8').split('\n').slice(0, -1)
const recordsOf = (out: string): AuditRecord[] => linesOf(out).map((line) => JSON.parse(line) as AuditRecord)

beforeAll(async () => {
  place = await workplace(mkdtempSync(join(tmpdir(), 'assay-audit-')))
  whole = await audit(place, 'whole')
})
afterAll(() => rmSync(place.home, { recursive: true, force: true }))

describe('an audit', () => {
  it('reports every attack at every strength under both threats, as its schema says', () => {
    const { report, exitCode } = whole
    expect(auditReportSchema.parse(report)).toEqual(report)
    expect(JSON.parse(readFileSync(at('whole', 'audit.json'), 'utf8'))).toEqual(report)
    expect(exitCode).toBe(0)
    expect(report).toMatchObject({ n: 40, partial: false, threats: ['oblivious', 'adaptive'], defences: ['none', 'purifier', 'median', 'jpeg', 'bits'], model: { id: 'tiny' } })
    expect(report.runs.map(({ run }) => run)).toEqual([
      ...['fgsm', 'pgd'].flatMap((name) => [`oblivious/${name}/linf/2`, `oblivious/${name}/linf/6`]),
      ...['fgsm', 'pgd'].flatMap((name) => [`adaptive/${name}/linf/2`, `adaptive/${name}/linf/6`]),
      ...report.runs.map(({ run }) => run).filter((run) => run.startsWith('adaptive/joint')),
      'adaptive/pgd-bpda/linf/2', 'adaptive/pgd-bpda/linf/6',
    ])
    expect(report.runs.filter(({ attack }) => attack === 'pgd').map(({ options }) => options?.['steps'])).toEqual([5, 5, 5, 5, 5, 5])
  })

  it('counts over all images: what was wrong when clean is not robust, and stronger attacks leave no more', () => {
    const { report } = whole
    for (const row of report.runs) {
      expect(row.robust['none']!.of).toBe(40)
      expect(row.robustAccuracy).toBeLessThanOrEqual(report.cleanAccuracy)
      expect(row.medianLinf).toBeLessThanOrEqual(row.eps * (1 + 1e-6) + 2 ** -23)
    }
    const worst = (threat: string, eps: number) => report.worstCase.find((entry) => entry.threat === threat && Math.abs(entry.eps - eps / 255) < 1e-9)!.robust['purifier']!.value
    expect(worst('oblivious', 6)).toBeLessThanOrEqual(worst('oblivious', 2))
    // Whoever knows the purifier has the oblivious attacks, too.
    for (const eps of [2, 6]) expect(worst('adaptive', eps)).toBeLessThanOrEqual(worst('oblivious', eps))
  })

  it.each([1, 5])('of networks that were exported for %i images at a time is the same', async (atOnce) => {
    const bundle = at(`bundle-of-${atOnce}`)
    await writeBundle(bundle, draft, { classifier: exportedFor(atOnce, classifierModel()), purifier: exportedFor(atOnce, purifierModel()) })
    const asked = { attacks: ['pgd' as const], eps: [6 / 255], threat: ['oblivious' as const, 'adaptive' as const], checks: false, keep: false }
    const { report } = await audit({ ...place, bundle }, `of-${atOnce}`, asked)
    for (const row of report.runs) expect(row.robust).toEqual(whole.report.runs.find(({ run }) => run === row.run)!.robust)
    expect(report.clean).toEqual(whole.report.clean)
  })

  it('keeps adversarial images that any other program can load: another session gives the predictions of the records', async () => {
    const run = 'oblivious/pgd/linf/6'
    const { x, y, image } = decodeNpz(readFileSync(at('whole', 'adversarial', run, '00000.npz')))
    const session = await createSession(classifierModel(), { provider: 'cpu' })
    const { logits } = await session.run({ x: x! })
    await session.release()
    const values = logits!.data as Float32Array
    const records = recordsOf('whole').filter((record) => record.kind === 'attacked' && record.run === run)
    image!.data.forEach((number, i) => {
      const record = records.find((candidate) => candidate.kind === 'attacked' && candidate.image === Number(number))
      expect(record).toMatchObject({ attacked: { predicted: { none: values[2 * i]! >= values[2 * i + 1]! ? 0 : 1 } } })
      expect(Number(y!.data[i])).toBe(Number(number) % 2)
    })
  })

  it('the script in docs/AUDIT.md computes the numbers of the report from the lines', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../docs/AUDIT.md'), 'utf8')
    const [, script] = /```js\n([\s\S]+?)```/.exec(text)!
    const printed: Record<string, number> = {}
    new Function('readFileSync', 'folder', 'print', script!.replace(/^import.*\n/gm, '').replace(/^const folder = .*\n/m, '').replaceAll('console.log', 'print'))(
      readFileSync, at('whole'), (name: string, defence: string, value: number) => void (printed[`${name} ${defence}`] = value),
    )
    const { runs, worstCase, clean, defences } = whole.report
    for (const defence of defences) {
      expect(printed[`clean ${defence}`]).toBeCloseTo(clean[defence]!.value, 12)
      for (const row of runs) expect(printed[`${row.run} ${defence}`]).toBeCloseTo(row.robust[defence]!.value, 12)
      const furthest = worstCase.filter(({ threat }) => threat === 'adaptive').at(-1)!
      expect(printed[`worst case ${defence}`]).toBeCloseTo(furthest.robust[defence]!.value, 12)
    }
  })

  it('the table for spreadsheets has a line for each image and each attack on it', () => {
    const rows = readFileSync(at('whole', 'results.csv'), 'utf8').trimEnd().split('\r\n')
    const attacked = recordsOf('whole').filter(({ kind }) => kind === 'attacked').length
    expect(rows).toHaveLength(1 + 40 + attacked)
    expect(rows[0]).toMatch(/^\ufeffimage,path,label,run,threat,attack,norm,eps,predicted \(none\),/)
  })

  it('tells each run as it grows, and progress that never goes back', async () => {
    const done: number[] = []
    const { events } = await audit(place, 'watched', { threat: ['oblivious'], attacks: ['fgsm'], checks: false }, { onProgress: ({ done: d, message }) => void (message?.startsWith('FGSM') && done.push(d!)) })
    const rows = events.flatMap((event) => (event.name === 'audit.run' ? [event.payload] : []))
    expect(rows.map(({ run, done: chunks, total }) => [run.id, chunks, total])).toEqual([2, 6].flatMap((eps) => [1, 2].map((chunk) => [`oblivious/fgsm/linf/${eps}`, chunk, 2])))
    expect(rows[0]!.row!.robust['none']!.of).toBe(32)
    expect(rows[1]!.row!.robust['none']!.of).toBe(40)
    expect(done.every((d, i) => i === 0 || d >= done[i - 1]!)).toBe(true)
    expect(readdirSync(at('watched'))).not.toContain('check')
  })
})

describe('an audit that was cut off', () => {
  /** The folder of the whole audit as a kill at that byte would have left it. */
  const cutAt = (out: string, bytes: number): void => {
    cpSync(at('whole'), at(out), { recursive: true })
    for (const name of ['audit.json', 'results.csv']) rmSync(at(out, name))
    truncateSync(at(out, 'results.jsonl'), bytes)
  }

  it.each([['within a line', 0.58]])('%s goes on and reports the same, times aside', async (_, share) => {
    const out = `cut-${share}`
    cutAt(out, Math.floor(readFileSync(at('whole', 'results.jsonl')).length * share))
    const { report } = await audit(place, out, { resume: true })
    expect(withoutTimes(report)).toEqual(withoutTimes(whole.report))
    // As text: the lines are many, and to compare them piece by piece takes seconds.
    const without = (records: AuditRecord[]) => JSON.stringify(records.map((record) => (record.kind === 'chunk' ? { ...record, seconds: 0 } : record)))
    expect(without(recordsOf(out)) === without(recordsOf('whole'))).toBe(true)
  })

  it('computes no finished chunk again', async () => {
    cutAt('finished', readFileSync(at('whole', 'results.jsonl')).length)
    const { events, report } = await audit(place, 'finished', { resume: true })
    expect(events.filter(({ name }) => name === 'audit.run')).toEqual([])
    expect(report).toEqual(whole.report)
  })

  it.each([
    ['another seed', { seed: 4 }, /seed 3/],
    ['other strengths', { eps: [3 / 255] }, /other attacks, strengths or options/],
    ['other options', { options: { pgd: { steps: 6 } } }, /other attacks, strengths or options/],
    ['another alpha', { alpha: 0.1 }, /alpha of 0.05/],
    ['without the images', { keep: false }, /adversarial images kept/],
    ['fewer images', { limit: 20 }, /the data in .+ as it was then/],
    ['fewer defences', { baselines: [] }, /the defences none, purifier, median, jpeg, bits/],
  ] as const)('is not resumed with %s', async (_, more, sentence) => {
    const before = readFileSync(at('whole', 'results.jsonl'))
    await expect(audit(place, 'whole', { resume: true, ...more } as never)).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringMatching(sentence) as string })
    expect(readFileSync(at('whole', 'results.jsonl')).equals(before)).toBe(true)
  })

  it('is not resumed on other data or another bundle than it was begun with', async () => {
    const data = at('other.npz')
    writeImages(data, 40)
    const other = await workplace(at('elsewhere'))
    await updateManifest(other.bundle, (manifest) => ({ ...manifest, input: { ...manifest.input, mean: [0.1] } }))
    await expect(audit({ ...place, bundle: other.bundle }, 'whole', { resume: true })).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('the bundle tiny as it was then') as string })
    cpSync(place.data, at('kept.npz'))
    writeImages(place.data, 38)
    await expect(audit(place, 'whole', { resume: true })).rejects.toMatchObject({ message: expect.stringContaining('as it was then') as string })
    cpSync(at('kept.npz'), place.data)
  })

  it('a folder that holds an audit is not written into without being asked to', async () => {
    await expect(audit(place, 'whole')).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('--resume') as string })
  })

  it('two begun at once in one new folder: one is refused, and the record that stays is of the one whose results stay', async () => {
    const both = await Promise.allSettled([3, 4].map((seed) => audit(place, 'contested', { seed, attacks: ['fgsm'], eps: [6 / 255], threat: ['oblivious'], checks: false })))
    const done = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value.report.seed] : []))
    const refused = both.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    expect(refused).toMatchObject([{ code: 'output-not-writable', message: expect.stringMatching(/Another audit writes into .+contested; wait for its end/) as string }])
    expect([(JSON.parse(readFileSync(at('contested', 'job.json'), 'utf8')) as { seed: number }).seed]).toEqual(done)
    expect(readdirSync(at('contested')).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it('two at once in one folder: the second to write is refused, and the lines stay whole', async () => {
    cutAt('shared', Math.floor(readFileSync(at('whole', 'results.jsonl')).length * 0.5))
    let meddled = false
    const attempt = audit(place, 'shared', { resume: true }, {
      onEvent: () => {
        if (!meddled) appendFileSync(at('shared', 'results.jsonl'), '{"kind":"chunk","run":"x","chunk":0,"seconds":0}\n')
        meddled = true
      },
    })
    await expect(attempt).rejects.toMatchObject({ code: 'output-not-writable', message: expect.stringContaining('Another run writes') as string })
    expect(() => recordsOf('shared')).not.toThrow()
  })

  it('goes on where its bundle lies now, with the examples in its reports, and its images are looked at from there', async () => {
    cutAt('moved', readFileSync(at('whole', 'results.jsonl')).length)
    const bundle = at('bundles-elsewhere')
    renameSync(place.bundle, bundle)
    const desk = new AuditDesk({ dataFolder: at('data'), bundleFolders: [], version: 'test' }, createByteStore())
    try {
      const { report } = await audit({ ...place, bundle }, 'moved', { resume: true })
      expect(withoutTimes(report)).toEqual(withoutTimes(whole.report))
      expect(readFileSync(at('moved', 'report.html'), 'utf8')).toBe(readFileSync(at('whole', 'report.html'), 'utf8'))
      const run = 'oblivious/pgd/linf/6'
      const { image } = (await desk.images({ folder: at('moved'), run })).find(({ attacked }) => attacked)!
      expect((await desk.image({ folder: at('moved'), run, image })).purified).not.toBeNull()
    } finally {
      await desk.close()
      renameSync(bundle, place.bundle)
    }
  })

  it('has its reports even where its images are gone, which say so', async () => {
    cutAt('imageless', readFileSync(at('whole', 'results.jsonl')).length)
    rmSync(at('imageless', 'adversarial'), { recursive: true })
    await audit(place, 'imageless', { resume: true })
    expect(existsSync(at('imageless', 'report.pdf'))).toBe(true)
    expect(readFileSync(at('imageless', 'report.html'), 'utf8')).toMatch(/Worst examples[^]*They could not be shown\. The images of this run were not kept/)
  })

  it('in a slow chunk goes on where the chunk was, and begins it anew where that is damaged', async () => {
    const runTitle = 'PGD at 6/255, oblivious'
    const none = new AbortController()
    await expect(audit(place, 'slow', {}, { signal: none.signal, onProgress: ({ message }) => { if (message?.startsWith('looking for')) throw new Error('cut') } })).rejects.toThrow('cut')
    // A machine so slow that every chunk falls into parts of four images.
    const job = JSON.parse(readFileSync(at('slow', 'job.json'), 'utf8')) as { pace: { pass: number } }
    writeFileSync(at('slow', 'job.json'), JSON.stringify({ ...job, pace: { ...job.pace, pass: 100 } }))
    const attempt = audit(place, 'slow', { resume: true }, { onProgress: ({ message }) => { if (message === runTitle && existsSync(at('slow', 'unfinished.npz'))) throw new Error('cut') } })
    await expect(attempt).rejects.toThrow('cut')
    expect(decodeNpz(readFileSync(at('slow', 'unfinished.npz')))['x']!.shape[0]).toBe(4)
    // One audit twice, so that both count in the pace that was measured once.
    cpSync(at('slow'), at('slow-damaged'), { recursive: true })
    truncateSync(at('slow-damaged', 'unfinished.npz'), 100)
    const beginnings: number[] = []
    for (const out of ['slow', 'slow-damaged']) {
      const shares: number[] = []
      const { report } = await audit(place, out, { resume: true }, { onProgress: ({ message, done }) => void (message === runTitle && shares.push(done!)) })
      // What was there before is told of at the beginning, and is no leap: the time left is reckoned from the pace after it.
      beginnings.push(shares[0]!)
      expect(shares[1]! - shares[0]!).toBeLessThan((shares.at(-1)! - shares[0]!) / 10)
      expect(withoutTimes(report)).toEqual(withoutTimes(whole.report))
      expect(existsSync(at(out, 'unfinished.npz'))).toBe(false)
    }
    expect(beginnings[0]!).toBeGreaterThan(beginnings[1]!)
  })

  it('by cancelling can be resumed', async () => {
    const controller = new AbortController()
    await expect(audit(place, 'cancelled', {}, { signal: controller.signal, onEvent: () => controller.abort() })).rejects.toMatchObject({ code: 'cancelled' })
    expect(existsSync(at('cancelled', 'audit.json'))).toBe(false)
    const { report } = await audit(place, 'cancelled', { resume: true })
    expect(withoutTimes(report)).toEqual(withoutTimes(whole.report))
  })
})

describe('what an audit says of itself', () => {
  const codes = (report: AuditReport): string[] => report.warnings.map(({ code }) => code)

  it('an attacker who does not know the purifier is not shown alone, and an option of an attack that nothing makes is not passed over', async () => {
    expect(codes((await audit(place, 'flattering', { threat: ['oblivious'], attacks: ['fgsm'], eps: [6 / 255], checks: false })).report)).toEqual(expect.arrayContaining(['oblivious-only', 'weak-attacks', 'few-images', 'checks-off', 'option-idle']))
    for (const none of ['oblivious-only', 'option-idle']) expect(codes(whole.report)).not.toContain(none)
  })

  it('an alpha that the calibration cannot reach', async () => {
    const { report } = await audit(place, 'sharp', { alpha: 0.001, attacks: ['fgsm'], eps: [6 / 255], checks: false, keep: false })
    expect(codes(report)).toContain('alpha-unreachable')
    expect(report.runs.every(({ detectedAtAlpha }) => detectedAtAlpha === 0 || detectedAtAlpha === null)).toBe(true)
    expect(existsSync(at('sharp', 'adversarial'))).toBe(false)
  })

  it.each([
    ['an option that the attack lacks', { options: { pgd: { stepsize: 1 } } }, /no option stepsize/],
    ['options of an attack that does not exist', { options: { magic: { steps: 1 } } }, /no attack magic/],
    ['black box without an attack by answers', { threat: ['blackbox'] }, /black-box threat needs/],
    ['a transfer from nowhere', { threat: ['transfer'] }, /--source/],
    ['a strength beyond the range', { eps: [4] }, /beyond the whole range/],
    ['a strength of attacks in the other norm beyond the range', { norm: 'l2', eps: [1], epsOther: [2 / 255, 4] }, /An ε of 4 in L∞ is beyond the whole range/],
    ['a finding that there is none of', { finding: 'mass' }, /does not answer mass/],
  ] as const)('refuses %s in one sentence, before anything is written', async (_, more, sentence) => {
    await expect(audit(place, 'refused', more as never)).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringMatching(sentence) as string })
    expect(readdirSync(at('refused'))).toEqual([])
  })

  it('another bundle with the same purifier is as good a defence, and its classifier as good a source of attacks', async () => {
    const twin = at('twin')
    cpSync(place.bundle, twin, { recursive: true })
    await updateManifest(twin, (manifest) => ({ ...manifest, id: 'twin' }))
    const { report } = await audit(place, 'twins', { threat: ['oblivious', 'blackbox', 'transfer'], attacks: ['pgd', 'noise'], eps: [6 / 255], compare: [twin], source: twin, baselines: [], checks: false, keep: false })
    expect(report.defences).toEqual(['none', 'purifier', 'bundle:twin'])
    for (const { robust } of report.runs) expect(robust['bundle:twin']).toEqual(robust['purifier'])
    const row = (threat: string, attack: string) => report.runs.find((candidate) => candidate.threat === threat && candidate.attack === attack)
    expect(row('transfer', 'pgd')).toMatchObject({ source: 'twin', robust: row('oblivious', 'pgd')!.robust })
    expect(row('transfer', 'noise')).toBeUndefined()
    expect(row('blackbox', 'pgd')).toBeUndefined()
    expect(row('blackbox', 'noise')).toBeDefined()
  })

  it('a source whose classes stand in another order is attacked by their names, and one that names them otherwise by their order, which is said', async () => {
    const turned = await writeMaskedBundle(at('turned'), (g, logits) => gather(g, logits, g.integers([1, 0]), 1))
    const attacked = async (out: string, classes: string[]) => {
      await updateManifest(turned, (manifest) => ({ ...manifest, classes }))
      const { runs, warnings } = (await audit(place, out, { threat: ['oblivious', 'transfer'], attacks: ['pgd'], eps: [2 / 255], source: turned, baselines: [], checks: false, keep: false })).report
      const [oblivious, transfer] = runs.map(({ robust }) => robust['none']!.value)
      return { oblivious, transfer, warned: warnings.some(({ code }) => code === 'source-classes') }
    }
    const byName = await attacked('by-name', ['Noisy', 'smooth'])
    expect(byName).toEqual({ oblivious: byName.oblivious, transfer: byName.oblivious, warned: false })
    const finding = (await audit(place, 'finding-by-name', { finding: 'smooth', threat: ['oblivious', 'transfer'], attacks: ['pgd'], eps: [2 / 255], source: turned, baselines: [], checks: false, keep: false })).report
    expect(finding.runs[1]).toMatchObject({ threat: 'transfer', robust: finding.runs[0]!.robust })
    expect(finding.runs[0]!.robustAccuracy).toBeLessThan(finding.cleanAccuracy)
    const byOrder = await attacked('by-order', ['A', 'B'])
    expect(byOrder.transfer).toBeGreaterThan(byOrder.oblivious!)
    expect(byOrder.warned).toBe(true)
  })

  it('takes attacked images from an earlier audit where it attacked as is asked, and attacks where it did not', async () => {
    const twin = at('later')
    cpSync(place.bundle, twin, { recursive: true })
    await updateManifest(twin, (manifest) => ({ ...manifest, id: 'later' }))
    const { report } = await audit(place, 'again', { attacks: ['fgsm', 'pgd', 'bim'], compare: [twin], attacked: at('whole') })
    expect(report.defences).toContain('bundle:later')
    const times = (out: string) => new Map(recordsOf(out).flatMap((record) => (record.kind === 'chunk' ? [[`${record.run} ${record.chunk}`, record.seconds] as const] : [])))
    const [now, then] = [times('again'), times('whole')]
    const row = (of: AuditReport, run: string) => of.runs.find((candidate) => candidate.run === run)!
    for (const run of ['oblivious/fgsm/linf/2', 'oblivious/pgd/linf/6', 'adaptive/pgd/linf/6']) {
      // Nobody's watch shows the same microsecond twice.
      expect(now.get(`${run} 0`)).toBe(then.get(`${run} 0`))
      expect(row(report, run).robust).toMatchObject(row(whole.report, run).robust)
      expect(row(report, run).robust['bundle:later']).toEqual(row(whole.report, run).robust['purifier'])
    }
    expect(row(report, 'oblivious/bim/linf/6').attacked).toBe(row(whole.report, 'oblivious/pgd/linf/6').attacked)
    expect(now.get('clean 0')).not.toBe(then.get('clean 0'))
    expect(readFileSync(at('again', 'report.html'), 'utf8')).toContain(at('whole'))
  })

  it('takes those of a chunk that were attacked, and attacks the others alone', async () => {
    const run = 'oblivious/pgd/linf/6'
    cpSync(at('whole'), at('less'), { recursive: true })
    const ofRun = (out: string) => recordsOf(out).flatMap((record) => (record.kind === 'attacked' && record.run === run ? [record] : []))
    const { image: lacking } = ofRun('whole')[3]!
    const others = recordsOf('whole').filter((record) => !(record.kind === 'attacked' && record.run === run && record.image === lacking))
    writeFileSync(at('less', 'results.jsonl'), others.map((record) => `${JSON.stringify(record)}\n`).join(''))
    // Pictures that no attack would make, to be known again.
    const [kept, clean] = [await readChunk(at('less'), run, 0), await readChunk(at('less'), null, 0)]
    const pixels = kept.x.length / kept.numbers.length
    kept.numbers.forEach((image, i) => kept.x.set(clean.x.subarray(clean.numbers.indexOf(image) * pixels, (clean.numbers.indexOf(image) + 1) * pixels), i * pixels))
    await writeChunk(at('less'), run, 0, kept, [pixels])
    await audit(place, 'more', { attacks: ['pgd'], threat: ['oblivious'], eps: [6 / 255], baselines: [], checks: false, attacked: at('less') })
    const [now, then] = [ofRun('more'), ofRun('whole')]
    expect(now.map(({ image }) => image)).toEqual(then.map(({ image }) => image))
    for (const [i, { image, linf, l2, attacked }] of now.entries())
      if (image !== lacking && kept.numbers.includes(image)) expect([linf, l2]).toEqual([0, 0])
      else expect({ linf, l2, predicted: attacked.predicted['none'] }).toEqual({ linf: then[i]!.linf, l2: then[i]!.l2, predicted: then[i]!.attacked.predicted['none'] })
  })

  it('an attacker of another purifier attacks anew, who does not know it need not', async () => {
    const other = await workplace(mkdtempSync(join(tmpdir(), 'assay-audit-other-')))
    await updateManifest(other.bundle, ({ detector: _, ...manifest }) => manifest)
    await audit({ ...other, data: place.data }, 'other', { attacked: at('whole'), attacks: ['pgd'], eps: [6 / 255], baselines: [], checks: false })
    const seconds = (path: string, run: string) => readFileSync(path, 'utf8').split('\n').find((line) => line.includes('"chunk"') && line.includes(run))
    const [here, there] = [join(other.home, 'other', 'results.jsonl'), at('whole', 'results.jsonl')]
    expect(seconds(here, '"oblivious/pgd/linf/6","chunk":0')).toBe(seconds(there, '"oblivious/pgd/linf/6","chunk":0'))
    expect(seconds(here, '"adaptive/pgd/linf/6","chunk":0')).not.toBe(seconds(there, '"adaptive/pgd/linf/6","chunk":0'))
    rmSync(other.home, { recursive: true, force: true })
  })

  it('attacked images of a classifier that is given its images otherwise are refused', async () => {
    const other = await workplace(mkdtempSync(join(tmpdir(), 'assay-audit-scaled-')))
    await updateManifest(other.bundle, (manifest) => ({ ...manifest, input: { ...manifest.input, std: [1.5] } }))
    const attempt = audit({ ...other, data: place.data }, 'scaled', { attacked: at('whole'), attacks: ['pgd'], eps: [6 / 255], baselines: [], checks: false })
    await expect(attempt).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('gave its classifier the images otherwise') as string })
    rmSync(other.home, { recursive: true, force: true })
  })

  it.each([
    ['another seed', { seed: 4 }, 'invalid-arguments', /had another seed/],
    ['other images', { limit: 10 }, 'invalid-arguments', /on other images/],
    ['no audit', { attacked: 'nowhere' }, 'result-not-found', /no audit in/],
  ] as const)('attacked images of %s are refused before anything is written', async (_, more, code, sentence) => {
    await expect(audit(place, 'stranger', { attacked: at('whole'), ...more })).rejects.toMatchObject({ code, message: expect.stringMatching(sentence) as string })
    expect(readdirSync(at('stranger'))).toEqual([])
  })

  it('one finding of several is judged by its own answer', async () => {
    const { report } = await audit(place, 'finding', { finding: 'Noisy', threat: ['oblivious'], attacks: ['fgsm'], eps: [6 / 255], baselines: [], checks: false, keep: false })
    expect(report.model).toMatchObject({ classes: ['no noisy', 'noisy'], finding: 'Noisy' })
    // The tiny classifier's second logit is always 0: never there, whatever the picture.
    expect(report.confusion[0]).toMatchObject({ title: 'Clean', counts: [[20, 0], [20, 0]] })
  })

  it('where no file can be read the first says why', async () => {
    const folder = at('unreadable')
    for (const name of ['smooth', 'noisy']) {
      mkdirSync(join(folder, name), { recursive: true })
      writeFileSync(join(folder, name, `${name}.png`), '')
    }
    await expect(audit({ ...place, data: folder }, 'nothing')).rejects.toMatchObject({ code: 'data-set-invalid', message: expect.stringMatching(/None of the images in .+unreadable could be read\. Of the first: .*(empty|0 bytes)/) as string })
  })

  it('a file that cannot be read is named, counted nowhere, and the exit code says so', async () => {
    const folder = at('files')
    const { png, scanValues, tampered } = await import('../screening/tiny-bundle')
    for (const name of ['smooth', 'noisy']) mkdirSync(join(folder, name), { recursive: true })
    for (let i = 0; i < 3; i++) {
      writeFileSync(join(folder, 'smooth', `=${i}.png`), png(scanValues(i)))
      writeFileSync(join(folder, 'noisy', `${i}.png`), png(tampered(scanValues(i), 12, i)))
    }
    writeFileSync(join(folder, 'noisy', 'broken.png'), 'no picture')
    const { report, exitCode } = await audit({ ...place, data: folder }, 'partly', { attacks: ['fgsm'], eps: [6 / 255], checks: false })
    expect(exitCode).toBe(3)
    expect(report).toMatchObject({ n: 6, data: { unreadable: 1, counts: [3, 3] }, unreadable: [{ path: join(folder, 'noisy', 'broken.png'), code: 'image-format-unknown' }] })
    expect(codes(report)).toContain('unreadable')
    // Paths begin with their class folder; a name that a spreadsheet would run is made inert.
    expect(readFileSync(at('partly', 'results.csv'), 'utf8')).toContain('smooth/=0.png')
  })
})
