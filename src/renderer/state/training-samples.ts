/** The sample images of the training that is looked at, as they were after an epoch. */
import { create } from 'zustand'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import type { TrainingSamples } from '../../shared/training-record'
import { platform } from '../platform'
import { fetchPlane, planeImage } from '../viewer/cornerstone-image'
import type { PlaneImage } from '../viewer/cornerstone-image'

export interface SampleImage {
  label: number
  clean: PlaneImage
  attacked: PlaneImage | null
  purified: PlaneImage | null
  /** What is left of the attack, share of full range, row by row. */
  difference: Float32Array | null
}

interface SamplesState {
  jobId: string
  /** The epoch that is shown. */
  epoch: number
  images: SampleImage[]
  error: SerializedError | null
}

const none: SamplesState = { jobId: '', epoch: 0, images: [], error: null }

export const useTrainingSamples = create<SamplesState>()(() => none)

async function fetched(each: TrainingSamples['images'][number]): Promise<SampleImage> {
  const [clean, attacked, purified, difference] = await Promise.all([each.clean, each.attacked, each.purified, each.difference].map(async (plane) => plane && { plane, stored: await fetchPlane(plane) }))
  const shown = (image: typeof clean): PlaneImage | null => (image ? planeImage(image.plane, image.stored) : null)
  return { label: each.label, clean: shown(clean)!, attacked: shown(attacked), purified: shown(purified), difference: difference ? Float32Array.from(difference.stored) : null }
}

interface Asked {
  jobId: string
  epoch: number
}

let asked: Asked | null = null
let asking = false

/**
 * What was shown stays until the others are there. One is asked for at a time, then the one that was wanted last: epochs
 * may be over faster than their pictures come.
 */
export async function showSamples(jobId: string, epoch: number): Promise<void> {
  asked = { jobId, epoch }
  if (asking) return
  asking = true
  try {
    for (let wanted: Asked | null = asked; wanted !== null; wanted = asked as Asked | null) {
      asked = null
      await ask(wanted.jobId, wanted.epoch)
    }
  } finally {
    asking = false
  }
}

async function ask(jobId: string, epoch: number): Promise<void> {
  const before = useTrainingSamples.getState()
  if (before.jobId === jobId && before.epoch === epoch) return
  if (before.jobId !== jobId) useTrainingSamples.setState({ ...none, jobId })
  try {
    const { images } = await platform.call('train.samples', { jobId, epoch })
    const ready = await Promise.all(images.map(fetched))
    useTrainingSamples.setState({ jobId, epoch, images: ready, error: null })
  } catch (error) {
    useTrainingSamples.setState({ jobId, error: serializeError(error) })
  }
}
