/**
 * Ties one element to cornerstone-core and to the viewer store. Store changes go straight to the viewport without passing
 * through React, so that a drag costs one redraw per view and frame. The element is as large in CSS pixels as the box is
 * in device pixels and scaled down by a transform, because cornerstone-core knows nothing of high-density screens.
 */
import * as cornerstone from 'cornerstone-core'
import { useEffect } from 'react'
import type { RefObject } from 'react'
import type { Frame } from './geometry'
import { fitScale } from './geometry'
import { viewportWindow } from './cornerstone-image'
import type { Study } from './study'
import { useViewer } from './viewer-store'
import type { ViewName } from './viewer-store'

export const pixelRatio = (): number => window.devicePixelRatio || 1

/** The frame of a view: its canvas in device pixels and the study's image. */
export function frameOf(box: HTMLElement, study: Study): Frame {
  const { width, height, spacing } = study.view.scan
  const ratio = pixelRatio()
  return {
    canvas: { width: Math.round(box.clientWidth * ratio), height: Math.round(box.clientHeight * ratio) },
    image: { width, height },
    spacing,
  }
}

const sourceOf = (name: ViewName, study: Study) => (name === 'purified' ? study.purified : study.scan)

function applyViewport(stage: HTMLElement, box: HTMLElement, name: ViewName, study: Study): void {
  const { window, invert, placement } = useViewer.getState()
  const source = sourceOf(name, study)
  const { windowCenter, windowWidth } = viewportWindow(source, window)
  cornerstone.setViewport(stage, {
    scale: fitScale(frameOf(box, study)) * placement.zoom,
    translation: { ...placement.pan },
    voi: { windowCenter, windowWidth },
    invert: source.plane.invert !== invert,
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
  const context = cornerstone.getEnabledElement(stage).canvas?.getContext('2d', { desynchronized: true })
  if (context) context.imageSmoothingQuality = 'high'
  return true
}

export function useCornerstoneView(stageRef: RefObject<HTMLElement | null>, boxRef: RefObject<HTMLElement | null>, name: ViewName, study: Study): void {
  useEffect(() => {
    const [stage, box] = [stageRef.current, boxRef.current]
    if (!stage || !box) return
    cornerstone.enable(stage)
    const overlay = (event: Event): void => {
      const { opacity, heatVisible, study: current } = useViewer.getState()
      if (!heatVisible || !current) return
      const { enabledElement, canvasContext } = (event as CustomEvent<{ enabledElement: cornerstone.EnabledElement; canvasContext: CanvasRenderingContext2D }>).detail
      cornerstone.setToPixelCoordinateSystem(enabledElement, canvasContext)
      canvasContext.globalAlpha = opacity
      canvasContext.drawImage(current.heatCanvas, 0, 0)
      canvasContext.globalAlpha = 1
    }
    if (name === 'heatmap') stage.addEventListener('cornerstoneimagerendered', overlay)
    const redraw = (): void => {
      const { study: current } = useViewer.getState()
      if (!fitStage(stage, box) || !current) return
      applyViewport(stage, box, name, current)
      // Drawn at once: a resized canvas is empty, and waiting for the next frame would flash.
      cornerstone.draw(stage)
    }
    const observer = new ResizeObserver(redraw)
    observer.observe(box)
    const unsubscribe = useViewer.subscribe((state, before) => {
      if (!state.study || !cornerstone.getEnabledElement(stage).image) return
      if (state.window !== before.window || state.invert !== before.invert || state.placement !== before.placement) {
        applyViewport(stage, box, name, state.study)
      } else if (name === 'heatmap' && (state.opacity !== before.opacity || state.heatVisible !== before.heatVisible)) {
        cornerstone.updateImage(stage)
      }
    })
    return () => {
      unsubscribe()
      observer.disconnect()
      stage.removeEventListener('cornerstoneimagerendered', overlay)
      cornerstone.disable(stage)
    }
  }, [stageRef, boxRef, name])

  useEffect(() => {
    const [stage, box] = [stageRef.current, boxRef.current]
    if (!stage || !box) return
    cornerstone.displayImage(stage, sourceOf(name, study).image)
    if (fitStage(stage, box)) {
      applyViewport(stage, box, name, study)
      cornerstone.draw(stage)
    }
  }, [stageRef, boxRef, name, study])
}
