/** A few images held back from learning: as they are, attacked, as the purifier of an epoch leaves them, and what is left of the attack. */
import { Check, X } from 'lucide-react'
import { memo, useEffect, useMemo, useState } from 'react'
import type { EpochLine, OpenedTraining } from '../../../shared/training-record'
import { figure, t } from '../../language'
import { showSamples, useTrainingSamples } from '../../state/training-samples'
import type { SampleImage } from '../../state/training-samples'
import type { PlaneImage } from '../../viewer/cornerstone-image'
import { differencePixels } from '../../viewer/difference-colours'
import { paintPlane } from '../../viewer/paint'
import { usePainted } from '../../viewer/use-painted'
import { percent } from '../../wording/probability'
import { strengthOf } from '../../wording/training'
import { bestEpoch } from './Curves'

/** ±12/255 are the ends of the colours: the same for all epochs, so that they can be compared. */
const magnification = 20

const whole = { center: 0.5, width: 1 }

function Picture({ label, width, height, paint }: { label: string; width: number; height: number; paint: (out: ImageData) => void }) {
  const ref = usePainted(paint, width, height)
  return <canvas ref={ref} width={width} height={height} role="img" aria-label={label} className="aspect-square w-full rounded bg-film object-contain" />
}

const paintImage = ({ plane, display }: PlaneImage) => (out: ImageData) => paintPlane(plane, display, { window: plane.windows[0] ?? whole, table: null, invert: false }, new Uint32Array(out.data.buffer))
const paintDifference = (difference: Float32Array) => (out: ImageData) => out.data.set(differencePixels(difference, magnification))

type Way = 'clean' | 'attacked' | 'purified'
const ways: readonly { id: Way; title: (epsilon: number | null) => string }[] = [
  { id: 'clean', title: () => t('train.way.clean') },
  { id: 'attacked', title: (epsilon) => (epsilon === null ? t('train.way.attacked') : t('train.way.attackedAt', { strength: strengthOf(epsilon) })) },
  { id: 'purified', title: () => t('train.way.purified') },
]

function Answer({ answer, label, classes }: { answer: EpochLine['answers'][string][number] | undefined; label: number; classes: readonly string[] }) {
  if (!answer) return <div className="h-4" />
  const right = answer.label === label
  const Icon = right ? Check : X
  return (
    <div className={`numbers flex h-4 min-w-0 items-center gap-1 text-2xs ${right ? 'text-clean' : 'text-suspicious'}`}>
      <Icon size={12} className="shrink-0" aria-hidden />
      <span className="sr-only">{right ? t('train.right') : t('train.wrong')}</span>
      <span className="truncate">
        {classes[answer.label] ?? answer.label} {percent(answer.probability)}
      </span>
    </div>
  )
}

function Row({ image, place, line, classes }: { image: SampleImage; place: number; line: EpochLine; classes: readonly string[] }) {
  const paints = useMemo(() => {
    const of = (shown: PlaneImage | null) => shown && paintImage(shown)
    return { clean: of(image.clean), attacked: of(image.attacked), purified: of(image.purified), difference: image.difference && paintDifference(image.difference) }
  }, [image])
  const truth = classes[image.label] ?? String(image.label)
  const { width, height } = image.clean.plane
  return (
    <li className="contents" data-sample={truth}>
      {ways.map(({ id }) => {
        const paint = paints[id]
        return paint ? (
          <div key={id} className="min-w-0">
            <Picture label={t(`train.picture.${id}`, { truth })} width={width} height={height} paint={paint} />
            <Answer answer={line.answers[id]?.[place]} label={image.label} classes={classes} />
          </div>
        ) : null
      })}
      {image.difference && paints.difference && (
        <div className="min-w-0">
          <Picture label={t('train.picture.difference', { truth })} width={width} height={height} paint={paints.difference} />
          <div className="numbers h-4 truncate text-2xs text-ink-soft">{t('train.leftMean', { value: figure((255 * (image.difference.reduce((sum, v) => sum + Math.abs(v), 0) / image.difference.length)).toFixed(2)) })}</div>
        </div>
      )}
    </li>
  )
}

export const SampleImages = memo(function SampleImages({ training }: { training: OpenedTraining }) {
  const { jobId } = training.summary
  const { begin, epochs } = training
  const pictured = epochs.filter(({ pictures }) => pictures)
  const offered = pictured.length > 0 ? pictured : epochs
  /** Null follows the newest while it learns, and shows the best one afterwards. */
  const [chosen, setChosen] = useState<number | null>(null)
  const best = bestEpoch(training)
  const newest = (training.summary.state === 'done' ? offered.find(({ epoch }) => epoch === best) : undefined) ?? offered.at(-1)
  const line = offered.find(({ epoch }) => epoch === chosen) ?? newest
  const samples = useTrainingSamples()
  const wanted = line?.epoch
  useEffect(() => {
    if (wanted !== undefined) void showSamples(jobId, wanted)
  }, [jobId, wanted])
  if (!begin) return null
  const mine = samples.jobId === jobId ? samples.images : []
  const columns = mine[0] ? ways.filter(({ id }) => mine[0]![id]).length + (mine[0].difference ? 1 : 0) : 4
  // The pictures that are shown and the answers below them are of one epoch.
  const shown = offered.find(({ epoch }) => epoch === samples.epoch) ?? line
  return (
    <section aria-label={t('train.samples')}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 pb-1.5">
        <h3 className="font-semibold">{t('train.samples')}</h3>
        {offered.length > 1 && line && (
          <label className="ml-auto flex items-center gap-2 text-xs text-ink-soft">
            <span className="numbers">
              {t(line.epoch === best ? 'train.epochNthBest' : 'train.epochNth', { epoch: line.epoch })}
            </span>
            <input
              type="range"
              aria-label={t('train.samplesEpoch')}
              aria-valuetext={t('train.epochAt', { epoch: line.epoch })}
              className="w-44 accent-accent"
              min={0}
              max={offered.length - 1}
              value={offered.indexOf(line)}
              onChange={({ target }) => setChosen(offered[Number(target.value)]!.epoch)}
            />
          </label>
        )}
      </div>
      {samples.error && samples.jobId === jobId && <p className="text-xs text-ink-soft">{samples.error.message}</p>}
      {!line && <p className="text-xs text-ink-soft">{t('train.samplesAppear')}</p>}
      {shown && mine.length > 0 && (
        <div className="max-w-3xl">
          <div className="grid gap-x-2.5 gap-y-1.5" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
            {ways.map(({ id, title }) =>
              mine[0]![id] ? (
                <div key={id} className="text-xs text-ink-soft">
                  {title(begin.samples.epsilon)}
                </div>
              ) : null,
            )}
            {mine[0]!.difference && (
              <div className="text-xs text-ink-soft" title={t('train.leftHint')}>
                {t('train.left', { factor: magnification })}
              </div>
            )}
            <ul className="contents">
              {mine.map((image, place) => (
                <Row key={place} image={image} place={place} line={shown} classes={begin.classes} />
              ))}
            </ul>
          </div>
        </div>
      )}
    </section>
  )
})
