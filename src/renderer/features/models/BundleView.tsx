/** One bundle: its card as its maker wrote it, and beside it what Assay found in the files. */
import { Gauge, LoaderCircle, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { DescribedBundle, InspectedModel } from '../../../shared/models'
import type { BundleSummary } from '../../../shared/types'
import { t } from '../../language'
import { openCalibration } from '../../state/calibrating'
import { refreshBundles, removeBundle, selectBundle, useModels } from '../../state/models'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { Sheet } from '../../ui/Sheet'
import { Markdown } from '../../ui/Markdown'
import { abilityOf, abilityWord, decidesInWords, fileSize, inputInWords, intensityInWords, normalisationInWords, originsInWords, someOf } from '../../wording/models'
import { abilityLook } from './BundleList'
import { Fact, Facts, GradientNote, ModelFacts, OperatorsTable } from './ModelFacts'

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-b border-line px-4 py-3">
      <h3 className="pb-1.5 font-semibold">{title}</h3>
      {children}
    </section>
  )
}

/** What a bundle lacks before it can screen, and how it comes by it. */
function missing({ manifest, models }: DescribedBundle): string | null {
  if (!manifest.purifier && !models.classifier.inputGradient.possible) return t('models.lacksAll')
  if (!manifest.purifier) return t('models.lacksPurifier')
  if (!manifest.detector) return t('models.lacksCalibration')
  return null
}

/** Leaves of the training record that are said in a line; histories and long texts are for the file itself. */
function trainingFacts(training: Readonly<Record<string, unknown>>): [string, string][] {
  const found: [string, string][] = []
  const walk = (value: unknown, path: readonly string[]): void => {
    if (['string', 'number', 'boolean'].includes(typeof value)) {
      const text = typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value)
      if (text.length <= 90) found.push([path.join(', ').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`), text])
    } else if (value !== null && typeof value === 'object' && !Array.isArray(value) && path.length < 3) for (const [key, each] of Object.entries(value)) walk(each, [...path, key])
  }
  walk(training, [])
  return found
}

function Model({ part, model, file }: { part: 'classifier' | 'purifier'; model: InspectedModel; file: DescribedBundle['files'][number] | undefined }) {
  return (
    <Section title={t(part)}>
      <ModelFacts model={model} />
      {file && (
        <p className="selectable pt-1 text-2xs break-all text-ink-soft">
          {file.name}, {fileSize(file.bytes)}, SHA-256 {file.sha256}
        </p>
      )}
      <div className="pt-2">
        <GradientNote model={model} purifier={part === 'purifier'} />
      </div>
      <details className="pt-2">
        <summary className="cursor-pointer text-xs text-ink-soft hover:text-ink">
          {t('models.operatorsIn', { operators: model.operators.length, nodes: model.operators.reduce((sum, each) => sum + each.count, 0) })}
        </summary>
        <div className="pt-1">
          <OperatorsTable model={model} />
        </div>
      </details>
    </Section>
  )
}

function Side({ described }: { described: DescribedBundle }) {
  const { manifest, models, files } = described
  const { input, detector } = manifest
  const training = trainingFacts(manifest.training)
  const learned = detector?.trainedOn && originsInWords(detector.trainedOn)
  return (
    <div className="shrink-0 border-line bg-panel max-lg:border-t lg:w-[24rem] lg:overflow-y-auto lg:border-l 2xl:w-[30rem]" tabIndex={0} role="region" aria-label={t('models.facts')}>
      <Section title={t('screen.bundle')}>
        <Facts>
          <Fact label={t('field.id')}>{manifest.id}</Fact>
          {(manifest.modality || manifest.bodyPart) && <Fact label={t('models.madeFor')}>{[manifest.modality, manifest.bodyPart].filter(Boolean).join(', ')}</Fact>}
          <Fact label={t('classes')}>{someOf(manifest.classes)}</Fact>
          <Fact label={t('models.input')}>{inputInWords(input)}</Fact>
          <Fact label={t('models.intensity')}>{intensityInWords(input)}</Fact>
          <Fact label={t('models.normalisation')}>{normalisationInWords(input)}</Fact>
          <Fact label={t('models.output')}>{manifest.classifier.output}</Fact>
          <Fact label={t('models.liesIn')}>
            <span className="break-all">{described.path}</span>
          </Fact>
        </Facts>
      </Section>
      {detector && (
        <Section title={t('detector')}>
          <Facts>
            <Fact label={t('models.scores')}>{decidesInWords(detector)}</Fact>
            <Fact label={t('models.calibratedOn')}>
              {t('models.calibration', { count: detector.calibration.scores.length, date: detector.calibration.date.slice(0, 10) })}
            </Fact>
            <Fact label={t('models.scans')}>{[detector.calibration.data.label, detector.appearance && originsInWords(detector.appearance)].filter(Boolean).join(' · ')}</Fact>
            {learned && <Fact label={t('models.learnedOn')}>{learned}</Fact>}
            <Fact label={t('models.smallestP')}>{t('models.oneIn', { of: detector.calibration.scores.length + 1 })}</Fact>
          </Facts>
        </Section>
      )}
      <Model part="classifier" model={models.classifier} file={files.find(({ name }) => name === manifest.classifier.file)} />
      {models.purifier && <Model part="purifier" model={models.purifier} file={files.find(({ name }) => name === manifest.purifier?.file)} />}
      {training.length > 0 && (
        <Section title={t('models.training')}>
          <Facts>
            {training.map(([label, value]) => (
              <Fact key={label} label={label}>
                {value}
              </Fact>
            ))}
          </Facts>
        </Section>
      )}
    </div>
  )
}

function RemoveButton({ bundle }: { bundle: BundleSummary }) {
  const [asking, setAsking] = useState(false)
  return (
    <>
      <Button weight="quiet" onClick={() => setAsking(true)}>
        <Trash2 size={15} aria-hidden /> {t('models.remove')}
      </Button>
      <Sheet open={asking} title={t('models.removeTitle', { name: bundle.name })} onClose={() => setAsking(false)}>
        <p className="mt-3 text-ink-soft">
          {t('models.removeText')}
        </p>
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={() => setAsking(false)}>{t('models.keep')}</Button>
          <Button
            weight="primary"
            onClick={() => {
              setAsking(false)
              void removeBundle(bundle)
            }}
          >
            {t('models.remove')}
          </Button>
        </div>
      </Sheet>
    </>
  )
}

export function BundleView({ bundle }: { bundle: BundleSummary }) {
  const { described, describing, error } = useModels()
  const ability = abilityOf(bundle)
  const { icon: Icon, text } = abilityLook[ability]
  const lacks = described && missing(described)
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col" aria-busy={describing}>
      <header className="flex h-10 shrink-0 items-center gap-2.5 border-b border-line px-4">
        <h2 className="selectable min-w-0 truncate font-semibold">{bundle.name}</h2>
        <span className={`flex shrink-0 items-center gap-1.5 text-xs ${text}`}>
          <Icon size={15} aria-hidden /> {abilityWord(ability)}
        </span>
        <span className="mr-auto" />
        {described?.manifest.purifier && (
          <Button weight={described.manifest.detector ? 'plain' : 'primary'} onClick={() => openCalibration(bundle)}>
            <Gauge size={15} aria-hidden /> {t('calibrate.open')}
          </Button>
        )}
        {bundle.removable && <RemoveButton bundle={bundle} />}
      </header>
      {error && (
        <div className="p-6">
          <Problem title={t('models.unusable', { name: bundle.name })} error={error}>
            <Button onClick={() => void refreshBundles().then(() => selectBundle(bundle))}>{t('models.lookAgain')}</Button>
          </Problem>
        </div>
      )}
      {describing && (
        <p role="status" className="flex flex-1 items-center justify-center gap-2 text-ink-soft">
          <LoaderCircle size={17} className="animate-spin text-accent" aria-hidden /> {t('models.reading', { name: bundle.name })}
        </p>
      )}
      {described && (
        // Where there is no room beside the card, the facts stand below it.
        <div className="min-h-0 flex-1 max-lg:overflow-y-auto lg:flex">
          <div className="min-w-0 flex-1 px-6 py-4 lg:overflow-y-auto" tabIndex={0} role="region" aria-label={t('models.card')} data-card>
            {lacks && <p className="selectable mb-4 max-w-3xl rounded-md border border-line-strong bg-raised px-3 py-2">{lacks}</p>}
            <div className="max-w-3xl">{described.card === null ? <p className="text-ink-soft">{t('models.noCard')}</p> : <Markdown source={described.card} />}</div>
          </div>
          <Side described={described} />
        </div>
      )}
    </div>
  )
}
