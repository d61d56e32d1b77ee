/** Frames and slices of the open file: which is wished for, stepping, and playing them as a film. */
import { create } from 'zustand'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { t } from '../language'
import { recallStudy, studyBudget } from '../viewer/study'
import type { Study } from '../viewer/study'
import { useViewer } from '../viewer/viewer-store'
import { capitalised, frameOfAll, frameWord } from '../wording/frames'
import type { FrameWord } from '../wording/frames'
import { announce, doubtsSpoken } from './announcements'
import { fetchStudy } from './fetching'
import { createFrameLoader, neighbours } from './frame-loader'
import type { FrameLoader } from './frame-loader'

interface FramesState {
  /** Frames in the open file; 1 where there is no choice. */
  count: number
  /** What they are called. */
  word: FrameWord
  /** The frame that the person asked for, counted from 1; shown as soon as it is there. */
  wanted: number
  /** The frame that could not be shown, and why; until another one is. */
  broken: { frame: number; error: SerializedError } | null
  playing: boolean
}

const none: FramesState = { count: 1, word: 'frame', wanted: 1, broken: null, playing: false }
export const useFrames = create<FramesState>()(() => none)

/** Milliseconds from frame to frame of a film, where frames come that fast. */
const filmPace = 100
/** Before the person has moved, loading ahead waits: opening the next file comes first. */
const calm = 500
const spokenAfter = 700

let loader: FrameLoader | null = null
let open: Study | null = null
let direction: 1 | -1 = 1
let shownAt = 0
let filmTimer: ReturnType<typeof setTimeout> | undefined
let speechTimer: ReturnType<typeof setTimeout> | undefined

/** Loading ahead must not push out what it was meant to help: half of what is kept, at most. */
const worthKeeping = ({ bytes }: Study): number => Math.min(6, Math.floor(studyBudget / 2 / Math.max(bytes, 1)))

function speakLater({ view }: Study): void {
  clearTimeout(speechTimer)
  speechTimer = setTimeout(() => {
    if (!useFrames.getState().playing) announce(`${capitalised(frameOfAll(frameWord(view), view.frame, view.frames))}: ${t(`spoken.${view.result.status}`)}.${doubtsSpoken([view.result])}`)
  }, spokenAfter)
}

function playOn(): void {
  clearTimeout(filmTimer)
  if (!useFrames.getState().playing) return
  filmTimer = setTimeout(
    () => {
      const { count, wanted } = useFrames.getState()
      wish((wanted % count) + 1)
    },
    Math.max(0, shownAt + filmPace - performance.now()),
  )
}

function shown(study: Study): void {
  open = study
  shownAt = performance.now()
  // In this order: without a study and without an error there would be nothing to draw.
  useViewer.getState().show(study)
  useFrames.setState({ broken: null })
  speakLater(study)
  if (useFrames.getState().wanted === study.view.frame) playOn()
}

/** Called with a file that was just opened; from now on its frames can be asked for. */
export function beginFrames(study: Study): void {
  endFrames()
  const { resultId, frame, frames } = study.view
  open = study
  direction = 1
  useFrames.setState({ ...none, count: frames, word: frameWord(study.view), wanted: frame })
  if (frames === 1) return
  loader = createFrameLoader<Study>({
    load: (each) => fetchStudy(resultId, each),
    recall: (each) => recallStudy(resultId, each),
    ahead: () => neighbours(useFrames.getState().wanted, frames, direction, open ? worthKeeping(open) : 0),
    arrived: (_frame, value) => shown(value),
    failed: (each, error) => {
      useFrames.setState({ broken: { frame: each, error: serializeError(error) }, playing: false })
      useViewer.getState().clear()
    },
  })
  loader.rest(calm)
}

/** Another file is being opened. What is still to be seen of this one keeps its number. */
export function endFrames(): void {
  loader?.stop()
  loader = null
  open = null
  clearTimeout(filmTimer)
  clearTimeout(speechTimer)
  useFrames.setState({ broken: null, playing: false })
}

function wish(frame: number): void {
  useFrames.setState({ wanted: frame })
  loader?.want(frame)
}

/** Shows a frame, held within the file; a film stops. */
export function showFrame(frame: number): void {
  const { count, wanted, broken } = useFrames.getState()
  const held = Math.min(count, Math.max(1, Math.round(frame)))
  pause()
  if (!loader || (held === wanted && broken?.frame !== held)) return
  direction = held < wanted ? -1 : 1
  wish(held)
}

/** @returns false where there are no frames to step through */
export function stepFrames(by: number): boolean {
  if (!loader) return false
  showFrame(useFrames.getState().wanted + by)
  return true
}

function pause(): void {
  clearTimeout(filmTimer)
  if (useFrames.getState().playing) useFrames.setState({ playing: false })
}

/** Plays the frames as a film, again from the first after the last; or stops. @returns false where there is one frame */
export function togglePlaying(): boolean {
  if (!loader) return false
  const playing = !useFrames.getState().playing
  pause()
  if (playing) {
    direction = 1
    useFrames.setState({ playing })
    playOn()
  } else if (open) speakLater(open)
  return true
}
