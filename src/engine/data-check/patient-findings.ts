/** Whether patients are known, and stay on one side. */
import type { DataFinding } from '../../shared/training'
import { gather } from '../dataset/gather'
import type { Patients } from '../dataset/patients'
import { amount, finding, type Sample } from './finding'

/** Beyond this share of the test's patients its figures are not those of new patients. */
const tolerableShare = 0.05

export interface PatientCounts {
  known: boolean
  training: number
  test: number
  inBoth: number
}

export function countPatients(samples: readonly Sample[], known: boolean): PatientCounts {
  const of = (test: boolean) => new Set(samples.filter(({ part }) => (part === 'test') === test).map(({ group }) => group))
  const [training, test] = [of(false), of(true)]
  return { known, training: training.size, test: test.size, inBoth: [...test].filter((group) => training.has(group)).length }
}

/** Where nothing, or not everything, says which images are of one patient. */
function unknown(count: number, what: string): DataFinding {
  return finding('note', 'patients-unknown', count, `${what}, so that a patient may be on both sides of a split; give a column patient in the table of labels, or a manifest.csv with the columns file and group.`)
}

export function patientFindings(samples: readonly Sample[], { known, ignored }: Pick<Patients, 'known' | 'ignored'>): DataFinding[] {
  const empty = ignored > 0 ? [unknown(ignored, `${ignored === samples.length ? 'All' : `${ignored.toLocaleString('en')} of ${samples.length.toLocaleString('en')}`} files carry a patient identifier that tells nothing, a placeholder or the same for most of them`)] : []
  if (!known) return empty.length > 0 ? empty : [unknown(samples.length, 'Nothing says which images are of one patient')]
  const groups = [...gather(samples, ({ group }) => group).values()]
  const across = (earlier: readonly Sample['part'][], later: Sample['part']): DataFinding[] => {
    const both = groups.filter((members) => members.some(({ part }) => part === later) && members.some(({ part }) => earlier.includes(part)))
    if (both.length === 0) return []
    const total = groups.filter((members) => members.some(({ part }) => part === later)).length
    const level = later === 'test' && both.length > tolerableShare * total ? 'error' : 'warning'
    const pair = (members: readonly Sample[]) => `${members.find(({ part }) => earlier.includes(part))!.name} and ${members.find(({ part }) => part === later)!.name}`
    return [finding(level, 'patients-across-parts', both.length, `${amount(both.length, 'patient or group has', 'patients or groups have')} images in both training and ${later}, of ${total.toLocaleString('en')} in the ${later}; put all images of a patient on one side.`, both.map(pair))]
  }
  const mixed = groups.filter((members) => new Set(members.map(({ label }) => label)).size > 1)
  return [
    ...empty,
    ...across(['training', 'validation'], 'test'),
    ...across(['training'], 'validation'),
    ...(mixed.length > 0
      ? [finding('note', 'patients-across-classes', mixed.length, `${amount(mixed.length, 'patient or group has', 'patients or groups have')} images of several classes; check that the labels are meant so.`, mixed.map((members) => members.map(({ name }) => name).slice(0, 2).join(' and ')))]
      : []),
  ]
}
