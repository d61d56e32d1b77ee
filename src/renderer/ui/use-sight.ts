/** Scroll position and height of a list, for drawing only the rows in sight. */
import { useLayoutEffect, useState } from 'react'

export function useSight(element: HTMLElement | null): { top: number; height: number } {
  const [sight, setSight] = useState({ top: 0, height: 800 })
  useLayoutEffect(() => {
    if (!element) return
    const look = (): void => setSight({ top: element.scrollTop, height: element.clientHeight })
    const observer = new ResizeObserver(look)
    observer.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [element])
  return sight
}
