/** A canvas of an image's own size, painted anew where another function is given: painting costs more than rendering. */
import { useEffect, useRef } from 'react'

export function usePainted(paint: (out: ImageData) => void, width: number, height: number) {
  const ref = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const context = ref.current?.getContext('2d')
    if (!context) return
    const picture = context.createImageData(width, height)
    paint(picture)
    context.putImageData(picture, 0, 0)
  }, [paint, width, height])
  return ref
}
