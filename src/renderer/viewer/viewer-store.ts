/** How the open study is looked at: one window, one placement and one cursor for all views, which is what links them. */
import { create } from 'zustand'
import type { Placement, Point } from './geometry'
import { modalityRange } from './plane-data'
import type { Study } from './study'
import type { Window, WindowPreset } from './window-level'
import { presetsOf } from './window-level'

export const viewNames = ['scan', 'purified', 'heatmap'] as const
export type ViewName = (typeof viewNames)[number]

interface ViewerState {
  study: Study | null
  window: Window
  /** What the person asked for; a plane's own MONOCHROME1 inversion comes on top. */
  invert: boolean
  placement: Placement
  opacity: number
  heatVisible: boolean
  /** One view alone, or all three. */
  alone: ViewName | null
  /** Image pixel under the pointer. */
  cursor: Point | null
  /** View under the pointer or last touched: what "one view full" means from the keyboard. */
  active: ViewName
  presets: WindowPreset[]
  /** Range of the scan's values, the measure of a window drag. */
  range: number

  show(study: Study | null): void
  setWindow(window: Window): void
  applyPreset(key: string): void
  toggleInvert(): void
  place(placement: Placement): void
  setOpacity(opacity: number): void
  toggleHeat(): void
  toggleAlone(view?: ViewName): void
  moveCursor(cursor: Point | null, active?: ViewName): void
  reset(): void
}

const fitted: Placement = { zoom: 1, pan: { x: 0, y: 0 } }

export const useViewer = create<ViewerState>()((set, get) => ({
  study: null,
  window: { center: 128, width: 256 },
  invert: false,
  placement: fitted,
  opacity: 0.7,
  heatVisible: true,
  alone: null,
  cursor: null,
  active: 'heatmap',
  presets: [],
  range: 255,

  /** A new study starts at its own default window and fitted; opacity, invert and layout are habits and stay. */
  show: (study) => {
    if (!study) return set({ study: null, cursor: null })
    if (get().study?.view.resultId === study.view.resultId) return set({ study })
    const presets = presetsOf(study.view.scan)
    const { center, width } = presets[0]!
    const { low, high } = modalityRange(study.view.scan)
    set({ study, presets, window: { center, width }, placement: fitted, cursor: null, range: Math.max(high - low, Number.EPSILON) })
  },
  setWindow: (window) => set({ window }),
  applyPreset: (key) => {
    const preset = get().presets.find((each) => each.key === key)
    if (preset) set({ window: { center: preset.center, width: preset.width } })
  },
  toggleInvert: () => set({ invert: !get().invert }),
  place: (placement) => set({ placement }),
  setOpacity: (opacity) => set({ opacity: Math.min(1, Math.max(0, opacity)), heatVisible: true }),
  toggleHeat: () => set({ heatVisible: !get().heatVisible }),
  toggleAlone: (view) => set({ alone: get().alone ? null : (view ?? get().active) }),
  moveCursor: (cursor, active) => set({ cursor, active: active ?? get().active }),
  reset: () => {
    const preset = get().presets[0]
    set({ placement: fitted, invert: false, ...(preset ? { window: { center: preset.center, width: preset.width } } : {}) })
  },
}))
