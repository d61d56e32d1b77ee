/** How it was attacked: what each attacker knows, and each attack with its parameters and its paper. */
import type { AuditReport, AuditRun } from '../../../shared/audit'
import { strengthText, threatName, threatSentence } from '../../../shared/audit-words'
import type { Block, RowGroup } from '../document'
import type { Provenance } from '../input'
import { curveName } from '../plots/series'
import { listed, numberText } from '../text'

type AttackFacts = Provenance['attacks'][number]

/** A parameter over all runs of an attack: one value, a share of ε, or the values in the order of the strengths. */
function valueText(runs: readonly AuditRun[], name: string): string {
  const pairs = runs.flatMap(({ options, epsilon }) => (options[name] === undefined ? [] : [{ value: options[name], share: options[name] / epsilon }]))
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b))
  const first = pairs[0]
  if (!first) return ''
  if (pairs.every(({ value }) => near(value, first.value))) return numberText(first.value)
  if (pairs.every(({ share }) => near(share, first.share))) return `${numberText(first.share)} × ε`
  return [...new Set(pairs.map(({ value }) => numberText(value)))].join(' / ')
}

function parametersText(runs: readonly AuditRun[], { parameters }: AttackFacts): string {
  const names = [...new Set(runs.flatMap(({ options }) => Object.keys(options)))]
  return names.map((name) => `${parameters.find((parameter) => parameter.name === name)?.label ?? name}: ${valueText(runs, name)}`).join('; ') || 'none'
}

const accessText = ({ access, random, minimumNorm }: AttackFacts): string =>
  [
    { gradients: 'follows gradients', queries: 'asks for answers only', none: 'asks the model nothing' }[access],
    minimumNorm ? 'looks for the smallest change that succeeds' : '',
    random ? 'random' : '',
  ]
    .filter(Boolean)
    .join(', ')

function groupsOf({ runs, attacks }: Provenance): RowGroup[] {
  return attacks.flatMap((attack) => {
    const own = runs.filter((run) => run.attack === attack.name && !run.check)
    return [...new Set(own.map(curveName))].map((name): RowGroup => {
      const variant = own.filter((run) => curveName(run) === name)
      const threats = [...new Set(variant.map(({ threat }) => threatName[threat]))]
      const bpda = variant[0]!.variant === 'bpda'
      return {
        name: `${attack.title}${bpda ? ' + BPDA' : ''}`,
        detail: listed(threats),
        rows: [
          [
            { text: parametersText(variant, attack), detail: `ε: ${[...new Set(variant.map(({ epsilon, norm }) => strengthText(epsilon, norm)))].join(', ')}` },
            { text: `${attack.reference}${bpda ? '. BPDA: Athalye, Carlini & Wagner: Obfuscated gradients give a false sense of security. ICML 2018' : ''}`, detail: accessText(attack) },
          ],
        ],
      }
    })
  })
}

const checkSentences: Readonly<Record<NonNullable<AuditRun['check']>, string>> = {
  noise: 'Random noise of the same size, which no attack should be weaker than.',
  queries: 'An attack by answers alone, which one with gradients should not be weaker than.',
  doubling: 'The strongest gradient attack with twice its iterations, which should find little more.',
  reach: 'Strengths beyond those asked for, until accuracy reaches guessing.',
}

export function methodOf(report: AuditReport, provenance: Provenance): Block[] {
  const checks = [...new Set(provenance.runs.flatMap(({ check }) => check ?? []))]
  const groups = groupsOf(provenance)
  return [
    { kind: 'heading', level: 1, text: 'How it was attacked', id: 'method' },
    { kind: 'facts', wide: true, items: report.threats.map((threat) => ({ term: threatName[threat], value: threatSentence(threat, { purifier: report.model.purifier !== null }) })) },
    ...(groups.length
      ? [
          {
            kind: 'table' as const,
            caption: 'Attacks, their parameters, and the papers that they come from. ε is the largest change allowed.',
            columns: [
              { title: 'Attack', align: 'left' as const, weight: 1.2 },
              { title: 'Parameters', align: 'left' as const, weight: 2.2 },
              { title: 'Reference', align: 'left' as const, weight: 3 },
            ],
            groups,
          },
        ]
      : []),
    ...(checks.length
      ? [
          { kind: 'paragraph' as const, text: 'Beside these, on a part of the images, to tell robustness from gradients that lead nowhere:' },
          { kind: 'list' as const, items: checks.map((check) => checkSentences[check]) },
        ]
      : []),
    { kind: 'paragraph', text: 'Every change was measured again after the attack: none leaves [0, 1], and none counts that exceeds its ε. Answers were taken from the model as it is used, not from the attack.', tone: 'quiet' },
  ]
}
