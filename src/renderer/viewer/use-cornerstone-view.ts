/**
 * Ties one element to cornerstone-core and to the viewer store. Store changes go straight to the viewport without passing
 * through React, so that a drag costs one redraw per view and frame. The element is as large in CSS pixels as the box is
 * in device pixels and scaled down by a transform, because cornerstone-core knows nothing of high-density screens.
 */
import * as cornerstone from 'cornerstone-core'
import { useEffect } from 'react'
import type { RefObject } from 'react'
import { paintedHeat, paintedPlane } from './canvases'
import { cornerstoneImage } from './cornerstone-image'
import type { Frame } from './geometry'
import { fitScale, imageToCanvas, turned } from './geometry'
import { pixelShape } from './plane-data'
import type { Study } from './study'
import { useViewer } from './viewer-store'
import type { ViewName, ViewerState } from './viewer-store'

export const pixelRatio = (): number => window.devicePixelRatio || 1

/** The frame of a view: its canvas in device pixels and the study's image. */
export function frameOf(box: HTMLElement, study: Study): Frame {
  const { width, height } = study.view.scan
  const ratio = pixelRatio()
  return {
    canvas: { width: Math.round(box.clientWidth * ratio), height: Math.round(box.clientHeight * ratio) },
    image: { width, height },
    spacing: pixelShape(study.view.scan),
  }
}

const magnifierRadius = 90
const magnification = 3

/**
 * The picture of a view on cornerstone's canvas: the painted plane, and over the scan of the third view the heat. Under
 * the magnifier the same is drawn again, larger, around the cursor of all views.
 */
function drawView(name: ViewName, study: Study, element: cornerstone.EnabledElement, box: HTMLElement): void {
  const context = element.canvas?.getContext('2d', { desynchronized: true })
  if (!element.canvas || !context) return
  const { window, table, invert, opacity, heatVisible, heatLook, flicker, magnifier, cursor, placement } = useViewer.getState()
  const look = { window, table: table === null ? null : (study.tables[table] ?? null), invert }
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.fillStyle = 'black'
  context.fillRect(0, 0, element.canvas.width, element.canvas.height)
  context.imageSmoothingQuality = 'high'
  cornerstone.setToPixelCoordinateSystem(element, context)
  const purified = name === 'purified' || (name === 'scan' && flicker)
  const draw = (): void => {
    context.drawImage(purified ? paintedPlane('purified', study.purified, look) : paintedPlane('scan', study.scan, look), 0, 0)
    if (name !== 'heatmap' || !heatVisible) return
    context.globalAlpha = opacity
    context.drawImage(paintedHeat(study, heatLook), 0, 0)
    context.globalAlpha = 1
  }
  draw()
  if (!magnifier || !cursor) return
  const fromImage = context.getTransform()
  const { x, y } = imageToCanvas(frameOf(box, study), placement, { x: cursor.x + 0.5, y: cursor.y + 0.5 })
  context.save()
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.beginPath()
  context.arc(x, y, magnifierRadius * pixelRatio(), 0, 2 * Math.PI)
  context.strokeStyle = 'rgb(160 170 180)'
  context.lineWidth = 3 * pixelRatio()
  context.stroke()
  context.clip()
  context.fillRect(0, 0, element.canvas.width, element.canvas.height)
  context.setTransform(magnification, 0, 0, magnification, x * (1 - magnification), y * (1 - magnification))
  context.transform(fromImage.a, fromImage.b, fromImage.c, fromImage.d, fromImage.e, fromImage.f)
  // Single pixels are what one wants to see.
  context.imageSmoothingEnabled = false
  draw()
  context.restore()
}

function applyViewport(stage: HTMLElement, box: HTMLElement, study: Study): void {
  const { placement } = useViewer.getState()
  const { quarterTurns, mirrored, zoom, pan } = placement
  cornerstone.setViewport(stage, {
    scale: fitScale(frameOf(box, study), placement) * zoom,
    // cornerstone-core pans along the canvas, before it turns.
    translation: turned(placement, pan),
    rotation: 90 * quarterTurns,
    hflip: mirrored,
    vflip: false,
  } as cornerstone.Viewport)
}

function fitStage(stage: HTMLElement, box: HTMLElement): boolean {
  const ratio = pixelRatio()
  const [width, height] = [Math.round(box.clientWidth * ratio), Math.round(box.clientHeight * ratio)]
  if (width === 0 || height === 0) return false
  stage.style.width = `${width}px`
  stage.style.height = `${height}px`
  stage.style.transform = `scale(${1 / ratio})`
  cornerstone.resize(stage, false)
  return true
}

const looksOther = (state: ViewerState, before: ViewerState, name: ViewName): boolean =>
  state.window !== before.window ||
  state.table !== before.table ||
  state.invert !== before.invert ||
  (state.magnifier && state.cursor !== before.cursor) ||
  state.magnifier !== before.magnifier ||
  (name === 'scan' && state.flicker !== before.flicker) ||
  (name === 'heatmap' && (state.heatLook !== before.heatLook || state.opacity !== before.opacity || state.heatVisible !== before.heatVisible))

export function useCornerstoneView(stageRef: RefObject<HTMLElement | null>, boxRef: RefObject<HTMLElement | null>, name: ViewName, study: Study): void {
  useEffect(() => {
    const [stage, box] = [stageRef.current, boxRef.current]
    if (!stage || !box) return
    cornerstone.enable(stage)
    const redraw = (): void => {
      const { study: current } = useViewer.getState()
      if (!fitStage(stage, box) || !current) return
      applyViewport(stage, box, current)
      // At once: a resized canvas is empty, and waiting for the next frame would flash.
      const element = cornerstone.getEnabledElement(stage)
      if (element.image) drawView(name, current, element, box)
    }
    const observer = new ResizeObserver(redraw)
    observer.observe(box)
    const unsubscribe = useViewer.subscribe((state, before) => {
      if (!state.study || !cornerstone.getEnabledElement(stage).image) return
      if (state.placement !== before.placement) applyViewport(stage, box, state.study)
      else if (looksOther(state, before, name)) cornerstone.updateImage(stage)
    })
    return () => {
      unsubscribe()
      observer.disconnect()
      cornerstone.disable(stage)
    }
  }, [stageRef, boxRef, name])

  useEffect(() => {
    const [stage, box] = [stageRef.current, boxRef.current]
    if (!stage || !box) return
    cornerstone.displayImage(
      stage,
      cornerstoneImage(name === 'purified' ? study.purified : study.scan, (element) => drawView(name, study, element, box)),
    )
    if (fitStage(stage, box)) applyViewport(stage, box, study)
  }, [stageRef, boxRef, name, study])
}
