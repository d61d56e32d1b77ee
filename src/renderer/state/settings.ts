/**
 * The settings as the engine keeps them, and the page as they want it: its colours, its language. Both of these are also
 * remembered by the page itself, so that its first picture is right before the engine has answered.
 */
import { create } from 'zustand'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { defaultSettings, languageSchema, themeSchema } from '../../shared/settings'
import type { HeldSettings, Settings, SettingsChange, Theme } from '../../shared/settings'
import type { AnyEvent } from '../../shared/contract'
import { speak, t } from '../language'
import { platform } from '../platform'
import { recallText, remember } from './remembered'
import { showToast } from './toasts'

interface SettingsState {
  settings: Settings
  /** Until then, nothing is known of what was acknowledged. */
  loaded: boolean
  /** What was wrong with the file. */
  warning: string | null
  /** Why the latest change is not kept; it holds until the page is left. */
  error: SerializedError | null
}

function atFirst(): Settings {
  const theme = themeSchema.safeParse(recallText('theme'))
  const language = languageSchema.safeParse(recallText('language'))
  return { ...defaultSettings, ...(theme.success && { theme: theme.data }), ...(language.success && { language: language.data }) }
}

export const useSettings = create<SettingsState>()(() => ({ settings: atFirst(), loaded: false, warning: null, error: null }))

/** The language, for what is not drawn anew by itself when it changes: effects, and components in `memo`. */
export const useLanguage = (): Settings['language'] => useSettings((state) => state.settings.language)

/** Whether the note of the first start stands open: nothing is to be screened before it was read. */
export const noteIsDue = ({ loaded, settings }: SettingsState): boolean => loaded && !settings.acknowledged

const systemIsLight = (): MediaQueryList => window.matchMedia('(prefers-color-scheme: light)')

function wear(theme: Theme): void {
  const light = theme === 'light' || (theme === 'system' && systemIsLight().matches)
  document.documentElement.dataset.theme = light ? 'light' : 'dark'
}

/** Called once, before anything is drawn: the page looks and speaks as the settings say, from now on. */
export function beginSettings(): void {
  const show = ({ theme, language }: Settings): void => {
    remember('theme', theme)
    remember('language', language)
    wear(theme)
    document.documentElement.lang = language
  }
  take(useSettings.getState().settings)
  show(useSettings.getState().settings)
  useSettings.subscribe(({ settings }, before) => settings !== before.settings && show(settings))
  systemIsLight().addEventListener('change', () => wear(useSettings.getState().settings.theme))
}

function take(settings: Settings): void {
  // Before the state: whoever is drawn anew by it speaks already.
  speak(settings.language)
  useSettings.setState({ settings })
}

/** Changes of this page on their way: what is told meanwhile may be older than they are. */
let underWay = 0

export function receiveSettings(event: AnyEvent): void {
  if (event.name === 'settings' && underWay === 0) take(event.payload)
}

export function takeSettings({ settings, warning }: HeldSettings): void {
  take(settings)
  useSettings.setState({ loaded: true, warning })
}

/** At once here, and kept by the engine. What it cannot keep holds for as long as the page is open. */
export async function changeSettings(change: SettingsChange): Promise<void> {
  take({ ...useSettings.getState().settings, ...change })
  underWay++
  try {
    const kept = await platform.call('settings.set', change)
    if (underWay === 1) take(kept)
    useSettings.setState({ error: null })
  } catch (error) {
    const { code, message, facts } = serializeError(error)
    useSettings.setState({ error: { code, message, facts } })
    showToast('bad', `${t('settings.failed')}: ${message}`, code)
  } finally {
    underWay--
  }
}
