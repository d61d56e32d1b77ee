/** The one platform of this page. */
import { BrowserPlatform } from './browser'
import { ElectronPlatform } from './electron'
import type { Platform } from './platform'

export const platform: Platform = window.assay ? new ElectronPlatform(window.assay) : new BrowserPlatform()
export type { DragOut, Intake, IntakeProgress, IntakeResult, Platform, PlatformCommand } from './platform'
