/** What the pictures of one file are called, and which of them is meant. */
import type { ScreenedView } from '../../shared/types'
import { t } from '../language'

export type FrameWord = 'slice' | 'frame' | 'page'

/** Modalities whose files of many frames are moments or shots, not slices through a body. */
const ofMoments = new Set(['US', 'IVUS', 'XA', 'XRF', 'RF', 'CR', 'DX', 'ES', 'GM', 'SM', 'OP', 'XC', 'IO', 'SC', 'OT', 'ECG'])

export function frameWord({ format, modality }: Pick<ScreenedView, 'format' | 'modality'>): FrameWord {
  if (format === 'dicom') return modality !== undefined && ofMoments.has(modality) ? 'frame' : 'slice'
  return format === 'nifti' ? 'slice' : format === 'tiff' ? 'page' : 'frame'
}

/** In the person's language. */
export const frameName = (word: FrameWord): string => t(`frame.${word}`)

export const framesName = (word: FrameWord): string => t(`frame.${word}s`)

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** "slice 14 of 27"; nothing for a file of one picture. */
export const frameOfAll = (word: FrameWord, frame: number, frames: number): string => (frames > 1 ? t('frame.ofAll', { word: frameName(word), frame: String(frame), frames: String(frames) }) : '')

/** Which frame a verdict speaks of, where there is a choice: one that was opened here is not the one of the list. */
export function verdictFrame(word: FrameWord, { frame, frames }: Pick<ScreenedView, 'frame' | 'frames'>, listed: number): string {
  if (frames <= 1) return ''
  if (frame === listed) return t('frame.asListed', { which: capitalised(frameOfAll(word, frame, frames)) })
  return t('frame.otherThanListed', { Word: capitalised(frameName(word)), frame: String(frame), word: frameName(word), listed: String(listed) })
}
