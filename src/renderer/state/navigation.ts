/** Which page is shown. The address says it (`#/models`), so that reload, back and forward work. */
import { create } from 'zustand'

/** "models" of "#/models"; empty where the address names no page. */
export const pageInAddress = (hash: string): string => /^#\/([a-z-]+)/.exec(hash)?.[1] ?? ''

export const useNavigation = create<{ pageId: string }>()(() => ({ pageId: pageInAddress(window.location.hash) }))

export function goTo(pageId: string): void {
  if (pageInAddress(window.location.hash) !== pageId) window.location.hash = `#/${pageId}`
}

/** Called once. */
export const watchAddress = (): void => window.addEventListener('hashchange', () => useNavigation.setState({ pageId: pageInAddress(window.location.hash) }))
