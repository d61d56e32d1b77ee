/** Reports of audits that were never made, in several shapes, with numbers that fit together. */
import type { AttackName, AuditReport, AuditRow, AuditRun, Curve, Norm, Share, Threat } from '../../../src/shared/audit'
import { auditReportSchema } from '../../../src/shared/audit'
import type { Provenance, ReportExample } from '../../../src/engine/report/input'
import { share } from '../../../src/engine/audit/score/wilson'
import { Random } from '../../../src/engine/tensor/random'

/** Name, title, whether it looks for the least change, whether it counts queries, how strong it is. */
const known: readonly [name: AttackName, title: string, minimumNorm: boolean, access: 'gradients' | 'queries', power: number, reference: string][] = [
  ['fgsm', 'FGSM', false, 'gradients', 0.55, 'Goodfellow, Shlens & Szegedy: Explaining and harnessing adversarial examples. ICLR 2015'],
  ['pgd', 'PGD', false, 'gradients', 0.95, 'Madry, Makelov, Schmidt, Tsipras & Vladu: Towards deep learning models resistant to adversarial attacks. ICLR 2018'],
  ['deepfool', 'DeepFool', true, 'gradients', 0.8, 'Moosavi-Dezfooli, Fawzi & Frossard: DeepFool: a simple and accurate method to fool deep neural networks. CVPR 2016'],
  ['cw', 'CW', true, 'gradients', 0.85, 'Carlini & Wagner: Towards evaluating the robustness of neural networks. IEEE S&P 2017'],
  ['spsa', 'SPSA', false, 'queries', 0.75, 'Uesato, O’Donoghue, van den Oord & Kohli: Adversarial risk and the dangers of evaluating against weak attacks. ICML 2018'],
  ['square', 'Square', false, 'queries', 0.7, 'Andriushchenko, Croce, Flammarion & Hein: Square attack. ECCV 2020'],
  ['autoattack', 'AutoAttack (few-class variant)', false, 'gradients', 1, 'Croce & Hein: Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks. ICML 2020'],
]

/** Everything that an audit of the whole kind has: slow to set, so only where it matters. */
export const full = { attacks: known.map(([name]) => name), eps: [1, 2, 4, 8] } as const satisfies Shape

export interface Shape {
  classes?: readonly string[]
  purifier?: boolean
  detector?: boolean
  threats?: readonly Threat[]
  attacks?: readonly string[]
  /** In 255ths. */
  eps?: readonly number[]
  baselines?: readonly string[]
  warnings?: number
  n?: number
  name?: string
  path?: string
  partial?: boolean
}

export function auditReport(shape: Shape = {}): AuditReport {
  const {
    classes = ['normal', 'pneumonia'], purifier = true, detector = purifier, threats = ['oblivious', 'adaptive'], attacks = ['pgd', 'cw', 'square'], eps = [2, 8],
    baselines = ['median', 'jpeg', 'bits'], warnings = 3, n = 600, name = 'Chest X-ray, pneumonia', path = '/data/chest-xray/test', partial = false,
  } = shape
  const random = new Random(`report/${n}/${classes.length}`)
  const defences = ['none', ...(purifier ? ['purifier'] : []), ...baselines]
  const accuracy: Record<string, number> = { none: 0.942, purifier: 0.933, median: 0.918, jpeg: 0.927, bits: 0.939 }
  const of = (value: number): Share => share(Math.round(n * Math.min(1, Math.max(0, value))), n)
  const clean = Object.fromEntries(defences.map((defence) => [defence, of(accuracy[defence] ?? 0.9)]))
  const soften = (threat: Threat, defence: string): number => (threat === 'adaptive' ? (defence === 'none' ? 0.6 : 0.95) : { none: 1, purifier: 0.12, median: 0.55, jpeg: 0.45, bits: 0.9 }[defence] ?? 0.3)
  const survive = (threat: Threat, power: number, k: number, defence: string): Share => of(clean[defence]!.value * Math.exp(-((power * soften(threat, defence) * k) ** 1.3)))

  const chosen = known.filter(([attack]) => attacks.includes(attack))
  const rows = threats.flatMap((threat) =>
    chosen.flatMap(([attack, title, minimumNorm, access, power]) =>
      eps.map((k): AuditRow => {
        const norm: Norm = attack === 'cw' ? 'l2' : 'linf'
        const robust = Object.fromEntries(defences.map((defence) => [defence, survive(threat, power, k, defence)]))
        const auc = threat === 'adaptive' ? 0.5 + 0.12 * random.next() : Math.min(0.999, 0.8 + 0.05 * k * random.next() + 0.02 * k)
        const roc = Array.from({ length: 41 }, (_, i) => ({ falseAlarmRate: (i / 40) ** 2, detectionRate: ((i / 40) ** 2) ** (1 / auc - 1) }))
        return {
          attack, title, norm, eps: norm === 'l2' ? k / 2 : k / 255, threat, run: `${threat}/${attack}/${norm}/${minimumNorm ? eps.at(-1) : k}`, minimumNorm,
          attacked: clean['none']!.count, robustAccuracy: robust['none']!.value, robustAccuracyPurified: robust['purifier']?.value ?? null,
          detectionAuc: detector ? auc : null, detectedAtAlpha: detector ? Math.max(0, 2 * auc - 1) : null,
          detectedAtFalseAlarms: detector ? { onePercent: Math.max(0, 1.8 * auc - 1), fivePercent: Math.max(0, 2 * auc - 1) } : null, roc: detector ? roc : null,
          medianL2: k * 0.21, medianLinf: (norm === 'l2' ? 0.7 * k : k) / 255, seconds: 40 * k, imagesPerSecond: access === 'queries' ? 1.93 : 27.4 / power,
          robust, robustAt8Bits: robust, evaded: detector ? of((1 - robust['purifier']!.value) * (threat === 'adaptive' ? 0.9 : 0.1)) : null, medianQueries: access === 'queries' ? 100 * k : null,
        }
      }),
    ),
  )
  const worstCase = threats.flatMap((threat) =>
    eps.map((k) => ({ threat, norm: 'linf' as const, eps: k / 255, attacks: chosen.map(([attack]) => attack), robust: Object.fromEntries(defences.map((defence) => [defence, survive(threat, 1.1, k, defence)])), robustAt8Bits: Object.fromEntries(defences.map((defence) => [defence, survive(threat, 1, k, defence)])), evaded: detector ? of(threat === 'adaptive' ? 0.1 * k : 0.01) : null })),
  )
  const curves = threats.flatMap((threat) =>
    ['none', ...(purifier ? ['purifier'] : [])].flatMap((defence): Curve[] => {
      const start = { eps: 0, accuracy: clean[defence]!.value, of: n }
      const single = chosen.map(([attack, , minimumNorm, , power]): Curve => {
        const norm: Norm = attack === 'cw' ? 'l2' : 'linf'
        const steps = minimumNorm ? Array.from({ length: 32 }, (_, i) => ((i + 1) * eps.at(-1)!) / 32) : eps
        return { threat, attack, norm, defence, points: [start, ...steps.map((k) => ({ eps: norm === 'l2' ? k / 2 : k / 255, accuracy: survive(threat, power, k, defence).value, of: n }))] }
      })
      return [...single, { threat, attack: 'worst', norm: 'linf', defence, points: [start, ...worstCase.filter((entry) => entry.threat === threat).map((entry) => ({ eps: entry.eps, accuracy: entry.robust[defence]!.value, of: n }))] }]
    }),
  )
  const counts = (right: number): number[][] => classes.map((_, label) => classes.map((_, answer) => (label === answer ? Math.round((right * n) / classes.length) : Math.round(((1 - right) * n) / classes.length / Math.max(1, classes.length - 1)))))
  return auditReportSchema.parse({
    format: 'assay-audit/1',
    model: { id: 'chest-xray', name, classes, finding: null, classifier: 'ab12'.repeat(16), purifier: purifier ? '34cd'.repeat(16) : null, input: { width: 32, height: 32, channels: 1 } },
    data: { path, sha256: '9f8e'.repeat(16), unreadable: partial ? 1 : 0, counts: classes.map(() => Math.round(n / classes.length)) },
    n, alpha: 0.05, seed: 7, provider: 'cpu', versions: { assay: '9.9.9', node: '20.20.2', platform: 'linux-x64' },
    cleanAccuracy: clean['none']!.value, cleanAccuracyPurified: clean['purifier']?.value ?? null, defences, threats, clean,
    falseAlarms: detector ? of(0.047) : null,
    runs: rows, worstCase, curves,
    confusion: [{ title: 'Clean', defence: 'none', run: null, counts: counts(0.94) }, ...(purifier ? [{ title: 'Clean, purified', defence: 'purifier', run: null, counts: counts(0.93) }] : []), ...threats.map((threat) => ({ title: `Worst case, ${threat}, 8/255`, defence: 'none', run: null, counts: counts(0.02) }))],
    warnings: Array.from({ length: warnings }, (_, i) => [
      { code: 'queries-beat-gradients', message: 'Square, which only asks for answers, breaks 12.0 points more than the strongest attack with gradients (adaptive, 4/255): the gradients lead nowhere, and the accuracies of gradient attacks flatter this model.' },
      { code: 'gradient-zero', message: 'The gradient is exactly zero for 98 % of the images, so attacks by gradients cannot start.' },
      { code: 'few-images', message: 'Only 64 images: an accuracy around one half is known to no better than 38 to 62 %. Take more.' },
    ][i % 3]!),
    unreadable: partial ? [{ path: 'broken.dcm', code: 'image-truncated', message: 'broken.dcm ends in the middle of its pixels; get the file again.' }] : [],
    partial,
    limits: ['Robustness is measured against these attacks, at these strengths, on these images. Another attack may do better; none of these numbers is a proof.', 'Research use only. Not for diagnosis.'],
    seconds: 7261,
  })
}

export function provenanceOf(report: AuditReport): Provenance {
  const runs = new Map<string, AuditRun>()
  for (const { run, threat, attack, norm, eps, minimumNorm } of report.runs)
    runs.set(run, { id: run, threat, attack, norm, epsilon: eps, minimumNorm, options: attack === 'pgd' ? { steps: 40, stepSize: eps / 4, restarts: 1 } : attack === 'cw' ? { searches: 9, iterations: 1000, learningRate: 0.01 } : {} })
  return {
    started: '2026-03-04T05:06:07.000Z',
    attacked: null,
    runs: [...runs.values(), { id: 'check/noise/oblivious/noise/linf/4', threat: 'oblivious', attack: 'noise', norm: 'linf', epsilon: 4 / 255, minimumNorm: false, options: {}, check: 'noise' }],
    attacks: known.map(([name, title, minimumNorm, access, , reference]) => ({ name, title, reference, access, minimumNorm, random: name !== 'fgsm', parameters: ['steps', 'stepSize', 'restarts', 'searches', 'iterations', 'learningRate'].map((parameter) => ({ name: parameter, label: parameter.replace(/[A-Z]/, (letter) => ` ${letter.toLowerCase()}`), minimum: 0, maximum: 1e6, integer: false, standard: 0 })) })),
  }
}

/** Pictures of a bright disc, noise on it. */
export function reportExamples(report: AuditReport, count = 3): ReportExample[] {
  const { width, height, channels } = report.model.input
  const random = new Random('examples')
  return Array.from({ length: count }, (_, i): ReportExample => {
    const clean = Float32Array.from({ length: channels * width * height }, (_, at) => {
      const [x, y] = [(at % width) / width - 0.5, Math.floor((at % (width * height)) / width) / height - 0.5]
      return Math.min(1, Math.max(0, 0.75 - 1.6 * Math.hypot(x, y - 0.05 * i)))
    })
    const difference = Float32Array.from(clean, () => (random.next() < 0.5 ? -1 : 1) * (4 / 255))
    const attacked = clean.map((value, at) => Math.min(1, Math.max(0, value + difference[at]!)))
    const judged = (none: number, purified: number, pValue: number) => ({ predicted: { none, purifier: purified }, confidence: { none: 0.9, purifier: 0.9 }, score: 1, pValue })
    return {
      image: { path: `class-${i}/image-${i}.png`, label: 0, clean: judged(0, 0, 0.4) },
      run: { threat: i % 2 ? 'oblivious' : 'adaptive', attack: 'pgd', norm: 'linf', epsilon: 4 / 255 },
      record: { attacked: judged(1, i % 2, i % 2 ? 0.01 : 0.3), linf: 4 / 255, l2: 0.5 },
      defence: report.model.purifier === null ? 'none' : 'purifier',
      evaded: i % 2 === 0,
      clean,
      attacked,
      purified: report.model.purifier === null ? null : clean.map((value) => 0.97 * value),
      difference: attacked.map((value, at) => value - clean[at]!),
    }
  })
}
