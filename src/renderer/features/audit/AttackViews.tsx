/**
 * Clean, attacked, purified and what was changed, side by side: one window, one zoom, one cursor for all of them. An image
 * that was not attacked stands there clean.
 */
import { useMemo, useRef, useState } from 'react'
import type { PointerEvent, WheelEvent } from 'react'
import { figure, t } from '../../language'
import type { OpenedAttack } from '../../state/audit-images'
import { Button } from '../../ui/Button'
import type { PlaneImage } from '../../viewer/cornerstone-image'
import { paintPlane } from '../../viewer/paint'
import { valuesAt } from '../../viewer/plane-data'
import { dragWindow } from '../../viewer/window-level'
import type { Window } from '../../viewer/window-level'
import { differencePixels, fittingMagnification } from '../../viewer/difference-colours'
import { usePainted } from '../../viewer/use-painted'

interface Place {
  zoom: number
  x: number
  y: number
}
const home: Place = { zoom: 1, x: 0, y: 0 }
const magnifications = [1, 2, 5, 10, 20, 50, 100, 200, 500]

interface PaneProps {
  title: string
  foot: string
  width: number
  height: number
  place: Place
  paint: (out: ImageData) => void
}

function Pane({ title, foot, width, height, place, paint }: PaneProps) {
  const ref = usePainted(paint, width, height)
  return (
    <div className="flex min-w-0 flex-col" data-attack-view={title}>
      <div className="truncate px-2 py-1 text-xs">{title}</div>
      <div className="relative min-h-0 flex-1 overflow-hidden bg-film">
        <canvas
          ref={ref}
          width={width}
          height={height}
          aria-label={title}
          className="absolute inset-0 m-auto h-full w-full object-contain [image-rendering:pixelated]"
          style={{ transform: `translate(${place.x}px, ${place.y}px) scale(${place.zoom})` }}
        />
      </div>
      <div className="numbers h-6 truncate px-2 py-1 text-2xs text-ink-soft">{foot}</div>
    </div>
  )
}

/** The pixel of the image under the pointer; null beside it. */
function pixelUnder(event: PointerEvent, width: number, height: number): { x: number; y: number } | null {
  const canvas = (event.target as HTMLElement).closest('canvas')
  if (!canvas) return null
  const box = canvas.getBoundingClientRect()
  // The picture keeps its proportions inside the canvas's box.
  const scale = Math.min(box.width / width, box.height / height)
  const x = Math.floor((event.clientX - box.left - (box.width - width * scale) / 2) / scale)
  const y = Math.floor((event.clientY - box.top - (box.height - height * scale) / 2) / scale)
  return x >= 0 && y >= 0 && x < width && y < height ? { x, y } : null
}

const read = ({ plane, stored }: PlaneImage, at: { x: number; y: number } | null): string => (at ? (valuesAt(plane, stored, at.x, at.y) ?? []).map((value) => figure((value * 255).toFixed(1))).join(`${t('number.separator')} `) : '')

export function AttackViews({ opened, swapped, onSwap }: { opened: OpenedAttack; swapped: boolean; onSwap: () => void }) {
  const { view, clean, attacked, purified, difference } = opened
  const { width, height } = view.clean
  const [place, setPlace] = useState(home)
  const [window, setWindow] = useState<Window>({ center: 0.5, width: 1 })
  const [cursor, setCursor] = useState<{ x: number; y: number } | null>(null)
  const [chosen, setChosen] = useState<number | null>(null)
  const fitting = fittingMagnification(view.record.linf ?? 0)
  const magnification = chosen ?? fitting
  const drag = useRef<{ button: number; x: number; y: number; window: Window; place: Place } | null>(null)

  const paints = useMemo(() => {
    const grey = (image: PlaneImage) => (out: ImageData) => paintPlane(image.plane, image.display, { window, table: null, invert: false }, new Uint32Array(out.data.buffer))
    return { clean: grey(clean), attacked: attacked && grey(attacked), purified: purified && grey(purified) }
  }, [clean, attacked, purified, window])
  const paintChange = useMemo(() => difference && ((out: ImageData) => out.data.set(differencePixels(difference, magnification))), [difference, magnification])
  const reset = (): void => {
    setPlace(home)
    setWindow({ center: 0.5, width: 1 })
  }
  const move = (event: PointerEvent): void => {
    setCursor(pixelUnder(event, width, height))
    const from = drag.current
    if (!from) return
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y]
    if (from.button === 0) setWindow(dragWindow(from.window, dx, dy, 1, event.shiftKey ? 'fine' : 'normal'))
    else setPlace({ ...from.place, x: from.place.x + dx, y: from.place.y + dy })
  }
  const wheel = (event: WheelEvent): void => setPlace((now) => ({ ...now, zoom: Math.min(20, Math.max(0.5, now.zoom * (event.deltaY < 0 ? 1.15 : 1 / 1.15))) }))
  const changed = cursor ? difference?.[cursor.y * width + cursor.x] : undefined
  const inPlace = swapped && attacked && paints.attacked ? { title: t('audit.view.flickered'), image: attacked, paint: paints.attacked } : { title: t('audit.view.clean'), image: clean, paint: paints.clean }
  return (
    <section aria-label={t('audit.views')} className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-10 shrink-0 items-center gap-2 border-b border-line px-3">
        <Button pressed={swapped} disabled={!attacked} title={t('audit.flickerHint')} onClick={onSwap}>
          {t('audit.flicker')}
        </Button>
        <Button weight="quiet" onClick={reset}>
          {t('audit.resetView')}
        </Button>
        {difference && (
          <label className="flex items-center gap-1.5 text-xs text-ink-soft">
            {t('audit.change')}
            <select className="h-7 rounded-md border border-line bg-ground px-1.5 text-ink hover:border-line-strong" value={magnification} onChange={({ target }) => setChosen(Number(target.value))}>
              {[...new Set([...magnifications, fitting])]
                .sort((one, other) => one - other)
                .map((factor) => (
                  <option key={factor} value={factor} className="bg-raised">
                    {factor} ×
                  </option>
                ))}
            </select>
          </label>
        )}
        <span className="ml-auto truncate text-2xs text-ink-soft" title={t('audit.viewHints')}>
          {t('audit.viewHints')}
        </span>
      </div>
      <div
        className="grid min-h-0 flex-1 auto-cols-fr grid-flow-col divide-x divide-line"
        role="group"
        aria-label={t('audit.viewsGroup')}
        tabIndex={0}
        onKeyDown={(event) => {
          if (event.key === '+' || event.key === '=') setPlace((now) => ({ ...now, zoom: Math.min(20, now.zoom * 1.25) }))
          else if (event.key === '-') setPlace((now) => ({ ...now, zoom: Math.max(0.5, now.zoom / 1.25) }))
          else if (event.key === '0') reset()
        }}
        onPointerDown={(event) => {
          if (event.button === 1) event.preventDefault()
          event.currentTarget.setPointerCapture(event.pointerId)
          drag.current = { button: event.button, x: event.clientX, y: event.clientY, window, place }
        }}
        onPointerMove={move}
        onPointerUp={() => (drag.current = null)}
        onPointerLeave={() => setCursor(null)}
        onDoubleClick={reset}
        onWheel={wheel}
      >
        <Pane title={inPlace.title} foot={read(inPlace.image, cursor)} width={width} height={height} place={place} paint={inPlace.paint} />
        {attacked && paints.attacked && <Pane title={t('audit.view.attacked')} foot={read(attacked, cursor)} width={width} height={height} place={place} paint={paints.attacked} />}
        {purified && paints.purified && (
          <Pane title={attacked ? t('audit.view.purified') : t('audit.view.cleanPurified')} foot={read(purified, cursor)} width={width} height={height} place={place} paint={paints.purified} />
        )}
        {paintChange && (
          <Pane
            title={t('audit.view.change', { factor: String(magnification) })}
            foot={changed === undefined ? t('audit.view.changeFoot') : `${changed >= 0 ? '+' : '−'}${figure(Math.abs(255 * changed).toFixed(2))}/255`}
            width={width}
            height={height}
            place={place}
            paint={paintChange}
          />
        )}
      </div>
    </section>
  )
}
