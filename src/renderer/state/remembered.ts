/** Small choices kept from one start to the next. A browser that keeps nothing (private window) is no reason to fail. */
const prefix = 'assay.'

export function recallText(key: string): string | null {
  try {
    return localStorage.getItem(prefix + key)
  } catch {
    return null
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(prefix + key, value)
  } catch {
    // Not kept: asked again next time.
  }
}
