/**
 * The few soft shapes that phantoms are drawn with. Lengths are in anatomy units: the picture's shorter side is 2.
 */

/** 0 to 1 around zero, `softness` wide. */
export function edge(distance: number, softness: number): number {
  const t = distance / softness
  // Most points lie far from any one edge; they need no exponential.
  return t > 9 ? 1 : t < -9 ? 0 : 1 / (1 + Math.exp(-t))
}

/** 0 below `low`, 1 above `high`, smooth between; works downwards too. */
export function smoothstep(low: number, high: number, x: number): number {
  const t = Math.min(1, Math.max(0, (x - low) / (high - low)))
  return t * t * (3 - 2 * t)
}

/** 1 inside an ellipse turned by `angle`, soft at its rim. */
export function ellipse(x: number, y: number, centre: { x: number; y: number }, radii: { x: number; y: number }, angle: number, softness: number): number {
  const dx = x - centre.x
  const dy = y - centre.y
  const along = (dx * Math.cos(angle) + dy * Math.sin(angle)) / radii.x
  const across = (-dx * Math.sin(angle) + dy * Math.cos(angle)) / radii.y
  return edge((1 - Math.sqrt(along * along + across * across)) * Math.min(radii.x, radii.y), softness)
}

/** A long bone seen from the side at `distance` from its axis: a denser cortex around a softer core. */
export function bone(distance: number, halfWidth: number, softness: number): number {
  const d = Math.abs(distance)
  if (d > halfWidth + 6 * softness) return 0
  const inside = edge(halfWidth - d, softness)
  const cortex = Math.exp(-(((d - halfWidth * 0.82) / (halfWidth * 0.25)) ** 2))
  return inside * (0.8 + 0.35 * cortex)
}
