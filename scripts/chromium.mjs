/**
 * Where Chromium is on this machine, for the tests that look at pages.
 */
import { existsSync } from 'node:fs'

const usualPlaces = {
  linux: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'],
  darwin: ['/Applications/Chromium.app/Contents/MacOS/Chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
  win32: ['C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe', 'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe'],
}

/** CHROMIUM_PATH, or the first of the usual places; null when there is none. */
export function chromiumPath(env = process.env, platform = process.platform) {
  const candidates = env.CHROMIUM_PATH ? [env.CHROMIUM_PATH] : (usualPlaces[platform] ?? [])
  return candidates.find((path) => existsSync(path)) ?? null
}
