/** The heat's colours as CSS, for the bar beside the picture. */
import { heatColour, plainHeat } from '../../shared/heat-colours'
import type { HeatLook } from '../../shared/heat-colours'
import type { HeatmapScale } from '../../shared/types'

/** Cold to hot, with the opacity that the picture has. */
export function heatGradient(scale: HeatmapScale, look: HeatLook = plainHeat, direction = 'to right'): string {
  const stops = Array.from({ length: 21 }, (_, i) => {
    const [r, g, b, a] = heatColour((i / 20) * scale.hot, scale, look)
    return `rgb(${r} ${g} ${b} / ${(a / 255).toFixed(3)}) ${i * 5}%`
  })
  return `linear-gradient(${direction}, ${stops.join(', ')})`
}
