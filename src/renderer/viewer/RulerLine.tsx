/** The measured line on a view, the same on all three; moved without React, like the linked cursor. */
import { useEffect, useRef } from 'react'
import type { RefObject } from 'react'
import { fixed } from '../language'
import { imageToCanvas } from './geometry'
import { lengthOf } from './ruler'
import { frameOf, pixelRatio } from './use-cornerstone-view'
import { useViewer } from './viewer-store'

export function RulerLine({ boxRef }: { boxRef: RefObject<HTMLElement | null> }) {
  const ref = useRef<SVGSVGElement>(null)
  useEffect(() => {
    const [svg, box] = [ref.current, boxRef.current]
    if (!svg || !box) return
    const [line, label] = [svg.querySelector('line')!, svg.querySelector('text')!]
    const draw = (): void => {
      const { ruler, study, placement } = useViewer.getState()
      svg.style.display = ruler && study ? '' : 'none'
      if (!ruler || !study) return
      const frame = frameOf(box, study)
      const [a, b] = [ruler.from, ruler.to].map((point) => imageToCanvas(frame, placement, point)).map(({ x, y }) => ({ x: x / pixelRatio(), y: y / pixelRatio() }))
      line.setAttribute('x1', String(a!.x))
      line.setAttribute('y1', String(a!.y))
      line.setAttribute('x2', String(b!.x))
      line.setAttribute('y2', String(b!.y))
      const { value, unit } = lengthOf(ruler, study.view.scan)
      label.textContent = `${fixed(value, 1)} ${unit}`
      // On the side that has room, and off the line where that comes from the same side.
      const left = b!.x > box.clientWidth - 90
      const below = left === a!.x < b!.x && a!.y < b!.y
      label.setAttribute('text-anchor', left ? 'end' : 'start')
      label.setAttribute('x', String(b!.x + (left ? -8 : 8)))
      label.setAttribute('y', String(Math.min(box.clientHeight - 6, Math.max(14, b!.y + (below ? 18 : -6)))))
    }
    draw()
    const observer = new ResizeObserver(draw)
    observer.observe(box)
    const unsubscribe = useViewer.subscribe((state, before) => {
      if (state.ruler !== before.ruler || state.placement !== before.placement || state.study !== before.study) draw()
    })
    return () => {
      unsubscribe()
      observer.disconnect()
    }
  }, [boxRef])
  return (
    <svg ref={ref} className="pointer-events-none absolute inset-0 h-full w-full" data-ruler style={{ display: 'none' }}>
      <line stroke="#ffe14d" strokeWidth="1.5" />
      <text fill="#ffe14d" stroke="#000" strokeWidth="3" paintOrder="stroke" fontSize="12" className="numbers" />
    </svg>
  )
}
