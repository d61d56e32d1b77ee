/** The whole report, in the order in which it is read. */
import { researchUseOnly } from '../../../shared/notice'
import type { ReportDocument } from '../document'
import type { ReportInput } from '../input'
import { closingOf } from './closing'
import { confusionOf } from './confusion'
import { examplesOf } from './examples'
import { methodOf } from './method'
import { resultsOf } from './results'
import { subjectOf } from './subject'
import { openingOf, summaryOf } from './summary'

export function documentOf({ report, examples, whyNoExamples, provenance }: ReportInput): ReportDocument {
  const { name } = report.model
  return {
    title: `Robustness audit of ${name}`,
    subject: `How ${name} stands up to adversarial attacks on ${report.n} images`,
    author: `Assay ${report.versions['assay'] ?? ''}`.trim(),
    date: provenance.started,
    // A long name is cut at its end, and this never.
    foot: `${researchUseOnly} · ${name}`,
    blocks: [
      ...openingOf(report),
      ...summaryOf(report),
      ...subjectOf(report, provenance),
      ...methodOf(report, provenance),
      ...resultsOf(report),
      ...confusionOf(report),
      ...examplesOf(report, examples, whyNoExamples),
      ...closingOf(report),
    ],
  }
}
