/** One of the three linked views: title, picture, linked cursor, and a foot that says what is under it. */
import { useEffect, useRef } from 'react'
import type { ReactNode } from 'react'
import { t } from '../language'
import { stepFrames } from '../state/frames'
import { frameOfAll, frameWord } from '../wording/frames'
import { imageToCanvas } from './geometry'
import { RulerLine } from './RulerLine'
import type { Study } from './study'
import { frameOf, pixelRatio, useCornerstoneView } from './use-cornerstone-view'
import { usePointerTools } from './use-pointer-tools'
import { useViewer } from './viewer-store'
import type { ViewName } from './viewer-store'

interface ViewPaneProps {
  name: ViewName
  title: string
  hint: string
  study: Study
  foot: ReactNode
}

/** The cursor of the other views, as a thin cross; moved without React. */
function useLinkedCursor(crossRef: React.RefObject<HTMLElement | null>, boxRef: React.RefObject<HTMLElement | null>, name: ViewName): void {
  useEffect(
    () =>
      useViewer.subscribe(({ cursor, active, study, placement }) => {
        const [cross, box] = [crossRef.current, boxRef.current]
        if (!cross || !box) return
        const shown = cursor !== null && active !== name && study !== null
        cross.style.display = shown ? 'block' : 'none'
        if (!shown) return
        const at = imageToCanvas(frameOf(box, study), placement, { x: cursor.x + 0.5, y: cursor.y + 0.5 })
        cross.style.transform = `translate(${at.x / pixelRatio()}px, ${at.y / pixelRatio()}px)`
      }),
    [crossRef, boxRef, name],
  )
}

export function ViewPane({ name, title, hint, study, foot }: ViewPaneProps) {
  const box = useRef<HTMLDivElement>(null)
  const stage = useRef<HTMLDivElement>(null)
  const cross = useRef<HTMLDivElement>(null)
  const hidden = useViewer((state) => state.alone !== null && state.alone !== name)
  useCornerstoneView(stage, box, name, study)
  usePointerTools(box, name, stepFrames)
  useLinkedCursor(cross, box, name)
  const { view } = study
  const which = [view.fileName, frameOfAll(frameWord(view), view.frame, view.frames)].filter(Boolean).join(', ')
  return (
    <section aria-label={title} className={`min-w-0 flex-1 basis-0 flex-col ${hidden ? 'hidden' : 'flex'}`}>
      <header className="flex h-7 items-baseline gap-2 px-2.5 pt-1.5">
        <h3 className="font-semibold">{title}</h3>
        <span className="truncate text-xs text-ink-soft">{hint}</span>
      </header>
      <div
        ref={box}
        data-view={name}
        role="img"
        aria-label={t('view.of', { title, which, hint })}
        className="relative min-h-0 flex-1 cursor-crosshair touch-none overflow-hidden bg-film"
      >
        <div ref={stage} className="absolute top-0 left-0 origin-top-left" />
        <div ref={cross} aria-hidden className="pointer-events-none absolute top-0 left-0 hidden">
          <div className="absolute -left-2 h-px w-[17px] bg-film-mark" />
          <div className="absolute -top-2 h-[17px] w-px bg-film-mark" />
        </div>
        <RulerLine boxRef={box} />
      </div>
      <footer className="h-[5.25rem] shrink-0 px-2.5 py-1.5">{foot}</footer>
    </section>
  )
}
