/** What an ONNX model is made of: shapes, gradient, warnings, operators. For bundles and for models that are not yet one. */
import { CircleCheck, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { InspectedModel } from '../../../shared/models'
import { t } from '../../language'
import { count } from '../../wording/models'

export function Facts({ children }: { children: ReactNode }) {
  return <dl className="selectable grid grid-cols-[fit-content(45%)_minmax(0,1fr)] gap-x-3 gap-y-1 text-xs">{children}</dl>
}

export function Fact({ label, children, title }: { label: string; children: ReactNode; title?: string }) {
  return (
    <>
      <dt className="text-ink-soft">{label}</dt>
      <dd className="numbers min-w-0 break-words" title={title}>
        {children}
      </dd>
    </>
  )
}

const shown = ({ name, dtype, shape }: InspectedModel['inputs'][number]): string => `${name}: ${dtype} [${shape?.join(', ') ?? t('models.notDeclared')}]`

export function ModelFacts({ model }: { model: InspectedModel }) {
  return (
    <Facts>
      <Fact label={t('models.parameters')}>{count(model.parameters)}</Fact>
      <Fact label={model.inputs.length > 1 ? t('models.inputs') : t('models.input')}>{model.inputs.map(shown).join('; ')}</Fact>
      <Fact label={model.outputs.length > 1 ? t('models.outputs') : t('models.output')}>{model.outputs.map(shown).join('; ')}</Fact>
      <Fact label={t('models.opset')}>
        {Object.entries(model.opsets)
          .map(([domain, version]) => `${domain} ${version}`)
          .join(', ')}
      </Fact>
      {model.producer && <Fact label={t('models.producer')}>{model.producer}</Fact>}
    </Facts>
  )
}

/** White-box attacks need a gradient: whether there is one, and what to know of it. */
export function GradientNote({ model, purifier = false }: { model: InspectedModel; purifier?: boolean }) {
  const { inputGradient, warnings } = model
  const note = 'flex gap-2 rounded-md px-2.5 py-2 text-xs'
  return (
    <div className="selectable space-y-1.5">
      {inputGradient.possible ? (
        <p className={`${note} bg-clean-deep/60`}>
          <CircleCheck size={15} className="mt-px shrink-0 text-clean" aria-hidden />
          <span>{t(purifier ? 'models.differentiablePurifier' : 'models.differentiable')}</span>
        </p>
      ) : (
        <div role="note" data-gradient="impossible" className={`${note} bg-suspicious-deep`}>
          <TriangleAlert size={15} className="mt-px shrink-0 text-suspicious" aria-hidden />
          <div className="min-w-0 break-words">
            <strong>{t('models.notDifferentiable')}</strong> <span lang="en">{inputGradient.error.message}</span>
            {inputGradient.error.facts.operator !== undefined && (
              <div className="mt-1 text-ink-soft">
                {t('models.node', { node: String(inputGradient.error.facts.node), operator: String(inputGradient.error.facts.operator) })}
                {inputGradient.error.facts.opset !== undefined && ` · ${String(inputGradient.error.facts.domain)} ${String(inputGradient.error.facts.opset)}`}
              </div>
            )}
            <div className="mt-1">
              {t(purifier ? 'models.outOfReachPurifier' : 'models.outOfReach')}
            </div>
          </div>
        </div>
      )}
      {warnings.map(({ code, message }) => (
        <p key={code + message} role="note" data-warning={code} className={`${note} bg-suspicious-deep/70`}>
          <TriangleAlert size={15} className="mt-px shrink-0 text-suspicious" aria-hidden />
          <span lang="en" className="min-w-0">{message}</span>
        </p>
      ))}
    </div>
  )
}

export function OperatorsTable({ model }: { model: InspectedModel }) {
  return (
    <table className="selectable w-full border-collapse text-left text-xs">
      <thead>
        <tr className="text-ink-soft">
          <th scope="col" className="py-0.5 pr-2 font-normal">
            {t('models.operator')}
          </th>
          <th scope="col" className="py-0.5 pr-2 text-right font-normal">
            {t('models.nodes')}
          </th>
          <th scope="col" className="py-0.5 pl-2 font-normal">
            {t('models.gradient')}
          </th>
        </tr>
      </thead>
      <tbody>
        {model.operators.map(({ operator, domain, count: nodes, differentiable }) => (
          <tr key={`${domain}:${operator}`} className="border-t border-line">
            <td className="py-0.5 pr-2 break-all">
              {operator}
              {domain && <span className="text-ink-soft"> ({domain})</span>}
            </td>
            <td className="numbers py-0.5 pr-2 text-right">{count(nodes)}</td>
            <td className={`py-0.5 pl-2 whitespace-nowrap ${differentiable ? 'text-ink-soft' : 'font-semibold text-suspicious'}`}>{differentiable ? t('models.known') : t('models.unknown')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
