/**
 * Which screenings this window started. The engine also remembers those of earlier days; the list does not begin with them.
 * Kept for as long as the window lives, reloads included.
 */
const key = 'assay.jobs'

export function ownJobs(): string[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]')
    return Array.isArray(kept) ? kept.filter((id) => typeof id === 'string') : []
  } catch {
    return []
  }
}

const keep = (ids: string[]): void => sessionStorage.setItem(key, JSON.stringify(ids))

export const keepOwnJob = (id: string): void => keep([...ownJobs().filter((each) => each !== id), id])
export const forgetOwnJob = (id: string): void => keep(ownJobs().filter((each) => each !== id))
