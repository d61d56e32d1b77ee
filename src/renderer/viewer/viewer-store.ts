/** How the open study is looked at: one window, one placement and one cursor for all views, which is what links them. */
import { create } from 'zustand'
import { plainHeat } from '../../shared/heat-colours'
import type { HeatLook } from '../../shared/heat-colours'
import { upright } from '../../shared/orientation'
import { mirroredBy, turnedBy } from './geometry'
import type { Placement, Point } from './geometry'
import { modalityRange } from './plane-data'
import { presetsOf } from './presets'
import type { Preset } from './presets'
import type { Study } from './study'
import type { Window } from './window-level'

export const viewNames = ['scan', 'purified', 'heatmap'] as const
export type ViewName = (typeof viewNames)[number]

export interface Ruler {
  from: Point
  to: Point
}

export interface ViewerState {
  study: Study | null
  /** Whose look the store holds: a result and the kind of its values. It outlives a frame that could not be opened. */
  file: string | null
  window: Window
  /** Place of the file's lookup table that stands for the window, if one does. */
  table: number | null
  /** What the person asked for; a plane's own MONOCHROME1 inversion comes on top. */
  invert: boolean
  placement: Placement
  opacity: number
  heatVisible: boolean
  heatLook: HeatLook
  /** The purified scan stands in the scan's place. */
  flicker: boolean
  magnifier: boolean
  /** Dragging measures instead of windowing. */
  measuring: boolean
  /** What was measured last, in image pixels; of this file. */
  ruler: Ruler | null
  /** One view alone, or all three. */
  alone: ViewName | null
  /** Image pixel under the pointer. */
  cursor: Point | null
  /** View under the pointer or last touched: what "one view full" means from the keyboard. */
  active: ViewName
  presets: Preset[]
  /** Range of the scan's values, the measure of a window drag. */
  range: number

  show(study: Study): void
  /** Nothing to be seen. The look is kept for other frames of the same file. */
  clear(): void
  setWindow(window: Window): void
  applyPreset(preset: Preset): void
  toggleInvert(): void
  place(placement: Placement): void
  setOpacity(opacity: number): void
  toggleHeat(): void
  setHeatLook(look: Partial<HeatLook>): void
  turn(turns: 1 | -1): void
  mirror(way: 'across' | 'down'): void
  toggleFlicker(): void
  toggleMagnifier(): void
  toggleMeasuring(): void
  measure(ruler: Ruler): void
  toggleAlone(view?: ViewName): void
  moveCursor(cursor: Point | null, active?: ViewName): void
  reset(): void
}

const fitted: Placement = { zoom: 1, pan: { x: 0, y: 0 }, ...upright }

const lookOf = ({ center, width, table }: Preset): Pick<ViewerState, 'window' | 'table'> => ({ window: { center, width }, table })

export const useViewer = create<ViewerState>()((set, get) => ({
  study: null,
  file: null,
  window: { center: 128, width: 256 },
  table: null,
  invert: false,
  placement: fitted,
  opacity: 0.7,
  heatVisible: true,
  heatLook: plainHeat,
  flicker: false,
  magnifier: false,
  measuring: false,
  ruler: null,
  alone: null,
  cursor: null,
  active: 'heatmap',
  presets: [],
  range: 255,

  /** A new file starts at its own default look and fitted; from frame to frame, and for habits (opacity, invert, layout), all stays. */
  show: (study) => {
    const { file, table } = get()
    const { scan } = study
    const { samples, dtype } = scan.plane
    // Pages of one file can be pictures of different kinds, whose values have nothing to do with each other.
    const opened = `${study.view.resultId}/${samples}/${dtype}`
    const values = modalityRange(scan.plane)
    const presets = presetsOf(scan.plane, study.tables, values)
    if (file === opened) return set({ study, presets, table: table !== null && table < study.tables.length ? table : null })
    const range = Math.max(values.high - values.low, Number.EPSILON)
    set({ study, file: opened, presets, ...lookOf(presets[0]!), placement: fitted, cursor: null, ruler: null, flicker: false, range })
  },
  clear: () => set({ study: null, cursor: null }),
  setWindow: (window) => set({ window, table: null }),
  applyPreset: (preset) => set(lookOf(preset)),
  toggleInvert: () => set({ invert: !get().invert }),
  place: (placement) => set({ placement }),
  setOpacity: (opacity) => set({ opacity: Math.min(1, Math.max(0, opacity)), heatVisible: true }),
  toggleHeat: () => set({ heatVisible: !get().heatVisible }),
  setHeatLook: (look) => set({ heatLook: { ...get().heatLook, ...look }, heatVisible: true }),
  turn: (turns) => set({ placement: turnedBy(get().placement, turns) }),
  mirror: (way) => set({ placement: mirroredBy(get().placement, way) }),
  toggleFlicker: () => set({ flicker: !get().flicker }),
  toggleMagnifier: () => set({ magnifier: !get().magnifier }),
  toggleMeasuring: () => set({ measuring: !get().measuring, ruler: null }),
  measure: (ruler) => set({ ruler }),
  toggleAlone: (view) => set({ alone: get().alone ? null : (view ?? get().active) }),
  moveCursor: (cursor, active) => set({ cursor, active: active ?? get().active }),
  reset: () => {
    const preset = get().presets[0]
    set({ placement: fitted, invert: false, ...(preset && lookOf(preset)) })
  },
}))
