/** What stands below a verdict's headline, and what is known of the file, in the person's language. */
import type { Answer, ScreenedView } from '../../shared/types'
import { language, number, t } from '../language'
import { en } from '../language/en'
import type { PlainKey } from '../language'
import { percent } from './probability'

const sureness = ({ label, probabilities }: Answer): string => `${label} (${percent(Math.max(...probabilities))})`

/** The engine's own sentences in English; elsewhere the same told anew from the result. */
export function verdictDetail({ result, verdict, alpha }: ScreenedView): string {
  if (language() === 'en' || result.status === 'error') return verdict.detail
  const { before, after } = result
  const change = before && after && before.label !== after.label ? [t('verdict.change', { before: sureness(before), after: sureness(after) })] : []
  return (result.status === 'suspicious' ? [t('verdict.compare', { share: `${number(100 * alpha)} %` }), ...change] : [...change, t('verdict.notUnaltered')]).join(' ')
}

const plainValues: Readonly<Record<string, PlainKey>> = { grey: 'fact.grey', 'not used': 'fact.notUsed' }

/** Names of facts that the dictionaries know; others, and what a file says of itself, stay as they are. */
export function factInWords({ label, value }: ScreenedView['facts'][number]): { label: string; value: string } {
  const key = `fact.${label.replaceAll(' ', '')}`
  const share = /^(\d+) of (\d+)$/.exec(value)
  const plain = plainValues[value]
  return {
    label: key in en ? t(key as PlainKey) : label,
    value: share ? t('fact.ofBits', { stored: share[1]!, allocated: share[2]! }) : plain ? t(plain) : value,
  }
}
