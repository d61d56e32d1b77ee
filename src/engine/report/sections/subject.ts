/** What was attacked, and with what: enough to find the same model and the same images again. */
import type { AuditReport } from '../../../shared/audit'
import type { Block } from '../document'
import type { Provenance } from '../input'
import { counted, duration } from '../text'

/** Files that are named one by one; beyond, audit.json has the others. */
const named = 12

export function subjectOf(report: AuditReport, { started, attacked }: Provenance): Block[] {
  const { model, data, n, versions, seed, provider, alpha, unreadable } = report
  const size = `${model.input.width} × ${model.input.height} × ${model.input.channels}`
  const perClass = model.classes.map((name, i) => `${name}: ${data.counts[i] ?? 0}`).join('; ')
  return [
    { kind: 'heading', level: 1, text: 'What was attacked', id: 'subject' },
    {
      kind: 'facts',
      items: [
        { term: 'Model', value: model.name === model.id ? model.name : `${model.name} (${model.id})` },
        ...(model.finding === null ? [] : [{ term: 'Finding attacked', value: model.finding }]),
        { term: 'Classifier, SHA-256', value: model.classifier },
        { term: 'Purifier, SHA-256', value: model.purifier ?? 'none' },
        ...(report.compared ?? []).map(({ defence, name, purifier }) => ({ term: `Compared: ${defence.replace('bundle:', '')}`, value: `${name}; purifier, SHA-256 ${purifier ?? 'none'}` })),
        ...(report.source ? [{ term: 'Source of transfer attacks', value: `${report.source.name} (${report.source.id}); classifier, SHA-256 ${report.source.classifier}` }] : []),
        { term: 'Input', value: `${size} (width, height, channels), values from 0 to 1` },
        { term: 'Data', value: data.path },
        { term: 'Data, SHA-256', value: data.sha256 },
        { term: 'Images', value: `${n.toLocaleString('en-US')} (${perClass})` },
        { term: 'Files that could not be read', value: unreadable.length ? `${unreadable.length}, in no number of this report` : 'none' },
        ...(model.purifier === null ? [] : [{ term: 'Detector', value: report.falseAlarms ? `flags an image at p ≤ α = ${alpha}` : 'none: the bundle is not calibrated' }]),
        { term: 'Seed', value: String(seed) },
        { term: 'Computed on', value: provider },
        { term: 'Versions', value: Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ') },
        { term: 'Begun', value: started },
        ...(attacked === null ? [] : [{ term: 'Attacked images', value: `taken from the audit in ${attacked} where it attacked as is asked here; the times are those of that audit` }]),
        { term: 'Time spent attacking', value: duration(report.seconds) },
      ],
    },
    ...(unreadable.length
      ? [{ kind: 'list' as const, items: [...unreadable.slice(0, named).map(({ path, code, message }) => `${path}: ${message} (${code})`), ...(unreadable.length > named ? [`… and ${counted(unreadable.length - named, 'more file')}, listed in audit.json.`] : [])] }]
      : []),
  ]
}
