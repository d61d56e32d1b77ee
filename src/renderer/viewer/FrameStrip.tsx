/** Which slice or frame is shown, beside the views: play, a number to type, and a slider as long as they are. */
import { LoaderCircle, Pause, Play } from 'lucide-react'
import { Slider } from 'radix-ui'
import { useRef, useState } from 'react'
import type { KeyboardEvent, WheelEvent } from 'react'
import { t } from '../language'
import { withKeys } from '../shortcuts/named'
import { showFrame, stepFrames, togglePlaying, useFrames } from '../state/frames'
import { Button } from '../ui/Button'
import { capitalised, frameName, framesName } from '../wording/frames'
import type { FrameWord } from '../wording/frames'
import { wheelFrames } from './pointer-tools'

const pageSteps: Record<string, number> = { PageUp: -1, PageDown: 1 }

/** Page keys mean here what they mean everywhere: on and back, ten with Shift. */
function pageKeys(event: KeyboardEvent): void {
  const step = pageSteps[event.key]
  if (step === undefined) return
  event.preventDefault()
  stepFrames(event.shiftKey ? step * 10 : step)
}

function FrameNumber({ word, wanted, count }: { word: FrameWord; wanted: number; count: number }) {
  /** What is being typed; null when the number is only shown. */
  const [typed, setTyped] = useState<string | null>(null)
  const keys = (event: KeyboardEvent<HTMLInputElement>): void => {
    pageKeys(event)
    if (event.key === 'Escape') setTyped(null)
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (by !== 0) {
      event.preventDefault()
      setTyped(null)
      stepFrames(by)
    }
    if (event.key === 'Enter' || event.key === 'Escape') event.currentTarget.blur()
  }
  const commit = (): void => {
    const frame = Number.parseInt(typed ?? '', 10)
    setTyped(null)
    if (Number.isFinite(frame)) showFrame(frame)
  }
  return (
    <input
      inputMode="numeric"
      aria-label={t('frame.number', { Word: capitalised(frameName(word)), count: String(count) })}
      value={typed ?? String(wanted)}
      className="numbers h-6 w-11 rounded border border-line-strong bg-ground text-center"
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setTyped(event.target.value.replace(/\D/g, ''))}
      onKeyDown={keys}
      onBlur={commit}
    />
  )
}

export function FrameStrip({ word, shown, listed }: { word: FrameWord; shown: number | null; listed: number }) {
  const { count, wanted, playing, broken } = useFrames()
  const carried = useRef(0)
  const wheel = (event: WheelEvent): void => {
    const turned = wheelFrames(carried.current, event.deltaY, event.deltaMode)
    carried.current = turned.carried
    if (turned.frames !== 0) stepFrames(turned.frames)
  }
  const place = (frame: number): string => `${((frame - 1) / Math.max(1, count - 1)) * 100}%`
  return (
    <div role="group" aria-label={capitalised(framesName(word))} className="flex w-14 shrink-0 flex-col items-center gap-1 border-l border-line py-1.5" onWheel={wheel}>
      <Button weight="quiet" className="px-0! w-9" pressed={playing} aria-label={playing ? t('frame.pause') : t('frame.play')} title={withKeys(playing ? t('frame.pause') : t('frame.playHint', { words: framesName(word) }), 'play')} onClick={togglePlaying}>
        {playing ? <Pause size={15} aria-hidden /> : <Play size={15} aria-hidden />}
      </Button>
      <span className="text-2xs text-ink-soft" aria-hidden>
        {capitalised(frameName(word))}
      </span>
      <FrameNumber word={word} wanted={wanted} count={count} />
      <span className="numbers text-2xs text-ink-soft" aria-hidden>
        / {count}
      </span>
      <Slider.Root
        orientation="vertical"
        inverted
        min={1}
        max={count}
        step={1}
        value={[wanted]}
        className="relative my-1.5 flex min-h-0 w-8 flex-1 touch-none justify-center"
        onKeyDown={pageKeys}
        onValueChange={([frame]) => frame !== undefined && showFrame(frame)}
      >
        <Slider.Track className="relative h-full w-1 rounded-full bg-line-strong">
          <span className="absolute -left-1.5 h-0.5 w-4 -translate-y-1/2 bg-accent" style={{ top: place(listed) }} title={t('frame.listed', { word: frameName(word) })} aria-hidden />
        </Slider.Track>
        <Slider.Thumb aria-label={capitalised(frameName(word))} aria-valuetext={t('part', { part: String(wanted), whole: String(count) })} className="block h-2.5 w-6 rounded-sm bg-ink shadow" />
      </Slider.Root>
      <span className="flex h-4 items-center text-ink-soft" data-frame-shown={shown ?? ''}>
        {shown !== wanted && broken?.frame !== wanted && <LoaderCircle size={12} className="animate-spin" aria-hidden />}
      </span>
    </div>
  )
}
