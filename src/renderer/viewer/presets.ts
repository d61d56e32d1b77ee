/**
 * What the views can be shown with at one touch: the file's own windows and lookup tables, the range of its values, and
 * for Hounsfield units the windows that radiology agrees on. The first nine have a digit.
 */
import type { PixelPlane, VoiWindow } from '../../shared/types'
import { t } from '../language'
import type { Range } from './plane-data'
import { windowOfTable } from './window-level'
import type { VoiTable, Window } from './window-level'

export interface Preset extends Window {
  /** Digit that selects it, 1 to 9; null beyond. */
  key: string | null
  /** In the language of the moment, but for what the file calls it. */
  readonly label: string
  /** Place among the study's tables; null for a window. */
  table: number | null
  /** Who says it, for the groups of the menu. */
  origin: 'file' | 'range' | 'practice'
}

/** Level and width in HU. */
const hounsfieldWindows = [
  { name: 'softTissue', center: 40, width: 400 },
  { name: 'lung', center: -600, width: 1500 },
  { name: 'bone', center: 300, width: 1500 },
  { name: 'brain', center: 40, width: 80 },
  { name: 'mediastinum', center: 50, width: 350 },
  { name: 'liver', center: 60, width: 160 },
] as const

const same = (a: Window, b: Window): boolean => Math.abs(a.center - b.center) + Math.abs(a.width - b.width) < a.width / 1000

/** @param values the range of the scan's modality values, padding left out */
export function presetsOf(plane: Pick<PixelPlane, 'windows' | 'unit' | 'samples'>, tables: readonly VoiTable[], values: Range): Preset[] {
  const windows = plane.windows.map((window: VoiWindow, i) => ({
    center: window.center,
    width: window.width,
    name: () => window.explanation?.trim() || (i === 0 ? t('window.default') : t('window.nth', { n: i + 1 })),
    table: null,
    origin: 'file' as const,
  }))
  const lookups = tables.map((table, i) => ({
    ...windowOfTable(table),
    name: () => table.explanation.trim() || (tables.length === 1 ? t('window.lookupTable') : t('window.nthLookupTable', { n: i + 1 })),
    table: i,
    origin: 'file' as const,
  }))
  const full = { center: (values.low + values.high) / 2, width: Math.max(values.high - values.low, Number.EPSILON), name: () => t('window.full'), table: null, origin: 'range' as const }
  // A file that has tables and no window of its own arrives with its full range as the window to begin with.
  const onlyTables = lookups.length > 0 && windows.length === 1 && same(windows[0]!, full)
  const own = onlyTables ? lookups : [...windows, ...lookups]
  const practice = plane.unit === 'HU' ? hounsfieldWindows.map(({ name, ...window }) => ({ ...window, name: () => t(`window.${name}`), table: null, origin: 'practice' as const })) : []
  const all: (Omit<Preset, 'key' | 'label'> & { name: () => string })[] = [...own]
  for (const preset of [full, ...practice]) if (!all.some((each) => each.table === null && same(each, preset))) all.push(preset)
  return all.map(({ name, ...preset }, i) => ({
    ...preset,
    key: i < 9 ? String(i + 1) : null,
    get label() {
      return name()
    },
  }))
}

/** The preset that the views are shown with now, if any. */
export const presetShown = (presets: readonly Preset[], window: Window, table: number | null): Preset | undefined =>
  presets.find((preset) => (table === null ? preset.table === null && preset.center === window.center && preset.width === window.width : preset.table === table))
