/** How well the detector's score tells attacked images from untouched ones. Larger scores are more suspicious. */

export interface RocPoint {
  falseAlarmRate: number
  detectionRate: number
}

/**
 * The curve from (0, 0) to (1, 1), one point for each score at which the decision changes; an image is flagged when its
 * score is at least the threshold.
 */
export function rocOf(clean: readonly number[], attacked: readonly number[]): RocPoint[] {
  const all = [...clean.map((score) => ({ score, attack: false })), ...attacked.map((score) => ({ score, attack: true }))].sort((a, b) => b.score - a.score)
  const points: RocPoint[] = [{ falseAlarmRate: 0, detectionRate: 0 }]
  let [alarms, detected] = [0, 0]
  all.forEach(({ score, attack }, i) => {
    if (attack) detected++
    else alarms++
    if (all[i + 1]?.score !== score) points.push({ falseAlarmRate: alarms / clean.length, detectionRate: detected / attacked.length })
  })
  return points
}

/** Area under the curve by trapezoids: the chance that an attacked image scores higher than an untouched one, ties counting half. */
export const aucOf = (points: readonly RocPoint[]): number =>
  points.reduce((sum, { falseAlarmRate, detectionRate }, i) => (i === 0 ? sum : sum + ((falseAlarmRate - points[i - 1]!.falseAlarmRate) * (detectionRate + points[i - 1]!.detectionRate)) / 2), 0)

/** Largest share detected while at most the given share of untouched images is flagged. */
export const detectedAt = (points: readonly RocPoint[], falseAlarmRate: number): number =>
  points.reduce((best, point) => (point.falseAlarmRate <= falseAlarmRate + 1e-12 ? Math.max(best, point.detectionRate) : best), 0)

/** The corners of the curve alone, and of those no more than `most`: what a figure can show. */
export function thinned(points: readonly RocPoint[], most = 200): RocPoint[] {
  const corners = points.filter((point, i) => {
    const [before, after] = [points[i - 1], points[i + 1]]
    if (!before || !after) return true
    const straight = (key: keyof RocPoint) => before[key] === point[key] && point[key] === after[key]
    return !straight('falseAlarmRate') && !straight('detectionRate')
  })
  if (corners.length <= most) return corners
  return Array.from({ length: most }, (_, i) => corners[Math.round((i * (corners.length - 1)) / (most - 1))]!)
}
