/** Mouse, pen and touch on a view: drags by the gesture table, wheel zoom, the linked cursor. Acts on the store, so on all views. */
import { useEffect } from 'react'
import type { RefObject } from 'react'
import { isSpaceHeld, spendSpaceOnDrag } from '../shortcuts/space-key'
import { canvasToImage, panBy, zoomAround } from './geometry'
import type { Point } from './geometry'
import { dragZoom, toolFor, wheelFrames, wheelZoom } from './pointer-tools'
import type { Tool } from './pointer-tools'
import { frameOf, pixelRatio } from './use-cornerstone-view'
import { useViewer } from './viewer-store'
import type { ViewName } from './viewer-store'
import { dragWindow } from './window-level'

const cursors: Record<Tool, string> = { measure: 'crosshair', window: 'ns-resize', pan: 'grabbing', zoom: 'zoom-in' }

/** @param onFrames the wheel turned by that many frames, for files that have more than one */
export function usePointerTools(boxRef: RefObject<HTMLElement | null>, name: ViewName, onFrames: (by: number) => void): void {
  useEffect(() => {
    const box = boxRef.current
    if (!box) return
    let carried = 0
    let drag: { tool: Tool; last: Point; anchor: Point; from: Point } | null = null

    /** Canvas (device) pixels of an event. */
    const at = (event: MouseEvent): Point => {
      const { left, top } = box.getBoundingClientRect()
      return { x: (event.clientX - left) * pixelRatio(), y: (event.clientY - top) * pixelRatio() }
    }
    const point = (event: MouseEvent): void => {
      const { study, placement, moveCursor } = useViewer.getState()
      if (!study) return
      const { x, y } = canvasToImage(frameOf(box, study), placement, at(event))
      const pixel = { x: Math.floor(x), y: Math.floor(y) }
      const inside = pixel.x >= 0 && pixel.y >= 0 && pixel.x < study.view.scan.width && pixel.y < study.view.scan.height
      moveCursor(inside ? pixel : null, name)
    }
    const down = (event: PointerEvent): void => {
      const { study, placement, measuring } = useViewer.getState()
      const tool = toolFor(event.button, isSpaceHeld() || event.altKey, measuring)
      if (!tool || !study) return
      if (tool === 'pan') spendSpaceOnDrag()
      box.setPointerCapture(event.pointerId)
      box.style.cursor = cursors[tool]
      drag = { tool, last: { x: event.clientX, y: event.clientY }, anchor: at(event), from: canvasToImage(frameOf(box, study), placement, at(event)) }
    }
    const move = (event: PointerEvent): void => {
      point(event)
      const state = useViewer.getState()
      if (!drag || !state.study) return
      const [dx, dy] = [event.clientX - drag.last.x, event.clientY - drag.last.y]
      drag.last = { x: event.clientX, y: event.clientY }
      if (drag.tool === 'window') {
        const pace = event.shiftKey ? 'fine' : event.ctrlKey || event.metaKey ? 'coarse' : 'normal'
        state.setWindow(dragWindow(state.window, dx, dy, state.range, pace))
      } else if (drag.tool === 'measure') {
        state.measure({ from: drag.from, to: canvasToImage(frameOf(box, state.study), state.placement, at(event)) })
      } else if (drag.tool === 'pan') {
        state.place(panBy(frameOf(box, state.study), state.placement, dx * pixelRatio(), dy * pixelRatio()))
      } else {
        state.place(zoomAround(frameOf(box, state.study), state.placement, dragZoom(dy), drag.anchor))
      }
    }
    const up = (): void => {
      drag = null
      box.style.cursor = ''
    }
    const leave = (): void => {
      if (!drag) useViewer.getState().moveCursor(null)
    }
    const wheel = (event: WheelEvent): void => {
      const { study, placement, place } = useViewer.getState()
      if (!study) return
      event.preventDefault()
      if (study.view.frames > 1 && !event.ctrlKey && !event.metaKey) {
        const turned = wheelFrames(carried, event.deltaY, event.deltaMode)
        carried = turned.carried
        if (turned.frames !== 0) onFrames(turned.frames)
        return
      }
      place(zoomAround(frameOf(box, study), placement, wheelZoom(event.deltaY, event.deltaMode), at(event)))
    }
    const refuse = (event: Event): void => event.preventDefault()
    /** The middle button would start the browser's own scrolling. */
    const noAutoScroll = (event: MouseEvent): void => {
      if (event.button === 1) event.preventDefault()
    }
    const double = (): void => useViewer.getState().toggleAlone(name)

    const listeners: [string, EventListener][] = [
      ['pointerdown', down as EventListener],
      ['pointermove', move as EventListener],
      ['pointerup', up],
      ['pointercancel', up],
      ['pointerleave', leave],
      ['contextmenu', refuse],
      ['mousedown', noAutoScroll as EventListener],
      ['dblclick', double],
    ]
    for (const [type, listener] of listeners) box.addEventListener(type, listener)
    box.addEventListener('wheel', wheel, { passive: false })
    return () => {
      for (const [type, listener] of listeners) box.removeEventListener(type, listener)
      box.removeEventListener('wheel', wheel)
    }
  }, [boxRef, name, onFrames])
}
