/**
 * Importing somebody else's model: the file brought to the engine and looked at, settings, images to try it on, and the
 * trials, which run again whenever settings or images change.
 */
import { create } from 'zustand'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { mostTrialImages, spread } from '../../shared/models'
import type { FoundModel, TrialImage } from '../../shared/models'
import { platform } from '../platform'
import type { Intake, IntakeProgress } from '../platform'
import { formOf, readForm } from './import-form'
import type { ImportForm } from './import-form'
import { showAdded, takeInBundle } from './models'
import { useSession } from './session'
import { showToast } from './toasts'
import { asSetId, otherOrder, waysBeside } from './trials'
import type { Trial, Way } from './trials'

interface ImportingState {
  /** `closed` while the page shows bundles. */
  phase: 'closed' | 'bringing' | 'reading' | 'ready' | 'importing'
  progress: IntakeProgress | null
  error: SerializedError | null
  found: FoundModel | null
  form: ImportForm | null
  images: TrialImage[]
  /** What is compared, in order. */
  ways: Way[]
  /** Of the ways that were tried by now, and of names in another order. */
  trials: Trial[]
  /** Ways that are still to be tried. */
  waiting: number
  importError: SerializedError | null
}

const closed: ImportingState = { phase: 'closed', progress: null, error: null, found: null, form: null, images: [], ways: [], trials: [], waiting: 0, importError: null }

export const useImporting = create<ImportingState>()(() => closed)

let abort: AbortController | null = null
/** Raised whenever the trials that run are no longer wanted. */
let round = 0
/** Raised whenever what is being brought or read is no longer wanted. */
let taking = 0
let delay: ReturnType<typeof setTimeout> | null = null
/** While someone types, a trial of every letter would be of no use. */
const typingPause = 350

const takenIds = (): string[] => useSession.getState().bundles.map(({ id }) => id)

export function closeImport(): void {
  if (useImporting.getState().phase === 'importing') return
  round++
  taking++
  abort?.abort()
  useImporting.setState(closed)
}

const ends = (path: string, ending: string): boolean => path.toLowerCase().endsWith(ending)
/** The files of a bundle or a model are wanted whole; of a folder of images a few are enough. */
const few = (paths: readonly string[]): readonly string[] => (paths.some((path) => ['.onnx', '.zip', 'bundle.json'].some((ending) => ends(path, ending))) ? paths : spread(paths, mostTrialImages))

async function brought(intake: Intake): Promise<string[]> {
  abort?.abort()
  abort = new AbortController()
  const { paths, failures } = await intake.deliver((progress) => useImporting.setState({ progress }), abort.signal, few)
  if (failures[0]) showToast('bad', `${failures[0].name}: ${failures[0].error.message}`, failures[0].error.code)
  return paths
}

/** What a person hands to the page: a model, a bundle, or images to try the model on that is being imported. */
export async function takeFiles(intake: Intake | null): Promise<void> {
  if (!intake || useImporting.getState().phase === 'importing') return
  const before = useImporting.getState()
  const mine = ++taking
  useImporting.setState({ phase: before.phase === 'ready' ? 'ready' : 'bringing', error: null, progress: null })
  try {
    const paths = await brought(intake)
    if (mine !== taking) return
    useImporting.setState({ progress: null })
    const bundle = paths.find((path) => ends(path, 'bundle.json') || ends(path, '.zip'))
    const model = paths.find((path) => ends(path, '.onnx'))
    if (bundle ?? (before.phase !== 'ready' && !model && paths[0] !== undefined)) {
      await takeInBundle(bundle ?? paths[0]!)
      closeImport()
    } else if (model) await lookAt(model, mine)
    else if (paths.length > 0) await tryOn(paths)
    else useImporting.setState({ phase: before.phase })
  } catch (error) {
    if (mine !== taking) return
    const failure = serializeError(error)
    if (failure.code === 'cancelled') useImporting.setState({ phase: before.phase, progress: null })
    else if (before.phase === 'ready') {
      useImporting.setState({ progress: null })
      showToast('bad', failure.message, failure.code)
    } else useImporting.setState({ ...closed, phase: 'bringing', error: failure })
  }
}

export const cancelBringing = (): void => abort?.abort()

async function lookAt(path: string, mine: number): Promise<void> {
  round++
  useImporting.setState({ ...closed, phase: 'reading' })
  const found = await platform.call('models.inspect', { path })
  if (mine !== taking) return
  useImporting.setState({ phase: 'ready', found, form: found.guess && formOf(found, found.guess, takenIds()) })
}

/** Settings and problems of the form as it stands. */
export function readImportForm({ form, found }: Pick<ImportingState, 'form' | 'found'>): ReturnType<typeof readForm> {
  return form && found ? readForm(form, outputsOf(found), takenIds()) : { settings: null, problems: {} }
}

/** Classes that the outputs stand for; 0 where that is not known. */
const outputsOf = ({ guess }: FoundModel): number => guess?.classCount ?? 0

export function changeForm(change: Partial<ImportForm>): void {
  const before = readImportForm(useImporting.getState()).settings
  useImporting.setState(({ form }) => ({ form: form && { ...form, ...change }, importError: null }))
  const after = readImportForm(useImporting.getState()).settings
  if (JSON.stringify(before) !== JSON.stringify(after)) tryLater()
}

async function tryOn(paths: string[]): Promise<void> {
  const images = await platform.call('models.images', { paths })
  useImporting.setState({ images })
  await runTrials()
}

function tryLater(): void {
  round++
  if (delay) clearTimeout(delay)
  delay = setTimeout(() => void runTrials(), typingPause)
}

/** One way after the other, so that the first rows are there while the others are computed. */
async function runTrials(): Promise<void> {
  // A run that still waits for a pause in typing would repeat this one, and take its result from the screen meanwhile.
  if (delay) clearTimeout(delay)
  const mine = ++round
  const state = useImporting.getState()
  const { settings } = readImportForm(state)
  if (!state.found || !settings || state.images.length === 0) {
    useImporting.setState({ ways: [], trials: [], waiting: 0 })
    return
  }
  const ways = waysBeside(settings)
  useImporting.setState({ ways, trials: [], waiting: ways.length })
  for (const way of ways) {
    let trial: Trial
    try {
      trial = { way, answers: await platform.call('models.preview', { path: state.found.path, settings: way.settings, images: state.images.map(({ path }) => path) }) }
    } catch (error) {
      trial = { way, answers: [], error: serializeError(error) }
    }
    if (round !== mine) return
    const reordered = way.id === asSetId && !trial.error ? otherOrder(trial, state.images) : null
    useImporting.setState(({ trials, waiting }) => ({ trials: [...trials, trial, ...(reordered ? [reordered] : [])], waiting: waiting - 1 }))
    // What fails as set fails in every other way, too.
    if (trial.error && way.id === asSetId) break
  }
  useImporting.setState({ waiting: 0 })
}

export async function finishImport(): Promise<void> {
  const { found, form } = useImporting.getState()
  const { settings, problems } = readImportForm({ found, form })
  if (!found || !form || !settings || Object.keys(problems).length > 0) return
  round++
  useImporting.setState({ phase: 'importing', importError: null, waiting: 0 })
  taking++
  try {
    const { id, name, modality, bodyPart } = form
    await platform.call('models.import', { path: found.path, settings, id, name: name.trim(), modality: modality.trim(), bodyPart: bodyPart.trim() })
    useImporting.setState(closed)
    await showAdded(id)
  } catch (error) {
    useImporting.setState({ phase: 'ready', importError: serializeError(error) })
  }
}
