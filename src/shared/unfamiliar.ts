/** Verdicts that are not to be relied on, and what is said of them. */
import type { ScanResult } from './types'

/** What is said wherever a result is shown whose image the bundle does not know the like of. */
export const unfamiliarSentence = 'This image looks unlike those the model was calibrated on; its verdict is not to be relied on.'

/** Why a verdict is not to be relied on, each a sentence; none for most. */
export const doubtsOf = ({ warning, unfamiliar }: Pick<ScanResult, 'warning' | 'unfamiliar'>): string[] => [...(warning ? [warning] : []), ...(unfamiliar ? [unfamiliarSentence] : [])]
