/**
 * What the browser tests of one `describe` stand on: the interface, served by a scripted or by the real engine, one
 * Chromium, and for every test a window of its own that must not have complained by the end.
 */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { openBrowser } from './browser'
import type { TestBrowser } from './browser'
import { acknowledgeNote, collectProblems } from './page'
import { buildPages, startScriptedHost } from './scripted-host'
import type { BuiltPages, ScriptedHost } from './scripted-host'
import { serveApplication } from './served-application'
import type { ServedApplication } from './served-application'

export interface WindowOptions {
  width?: number
  height?: number
  scale?: number
  /** The place within the interface, as after `#`. */
  hash?: string
  /** The note of the first start is left standing. */
  note?: boolean
}

export interface Scene<Host> {
  readonly host: Host
  readonly browser: TestBrowser
  /** The window that was opened last, and what it complained of. */
  readonly page: Page
  readonly problems: string[]
  /** A further window, past the note of the first start where that is not asked for. */
  open(options?: WindowOptions): Promise<Page>
}

export interface SceneOptions {
  /** Whether every test begins in a window of 1280 × 720; otherwise it opens its own. */
  opens?: boolean
  /** Before the interface's own scripts run. */
  before?: (page: Page) => Promise<unknown>
  /** From the interface's first page to where the tests begin. */
  arrive?: (page: Page) => Promise<void>
  /** Complaints that belong to what is tested. */
  tolerates?: (problem: string) => boolean
}

type Writable<Host> = { -readonly [Key in keyof Scene<Host>]: Scene<Host>[Key] }

function sceneOf<Host extends { url: string }>({ opens = true, before, arrive, tolerates = () => false }: SceneOptions, hosts: { perTest?: () => Promise<Host>; close?: (host: Host) => Promise<void> }): Writable<Host> {
  const scene: Partial<Writable<Host>> = {
    async open({ width = 1280, height = 720, scale = 1, hash, note = false } = {}) {
      const page = await scene.browser!.newPage(width, height, scale)
      scene.page = page
      scene.problems = collectProblems(page)
      await before?.(page)
      const url = new URL(scene.host!.url)
      if (hash !== undefined) url.hash = hash
      await page.goto(url.href)
      if (!note) await acknowledgeNote(page)
      await arrive?.(page)
      return page
    },
  }
  beforeEach(async () => {
    scene.problems = []
    if (hosts.perTest) scene.host = await hosts.perTest()
    if (opens) await scene.open!()
  })
  afterEach(async () => {
    await scene.browser!.closePages()
    await hosts.close?.(scene.host!)
    expect(scene.problems!.filter((problem) => !tolerates(problem)), 'complaints of the page').toEqual([])
  })
  return scene as Writable<Host>
}

/** With an engine that answers by script, a new one for every test. */
export function scriptedScene(options: SceneOptions = {}): Scene<ScriptedHost> {
  let pages: BuiltPages
  beforeAll(async () => {
    pages = await buildPages()
    scene.browser = await openBrowser()
  })
  afterAll(async () => {
    await scene.browser?.close()
    pages?.remove()
  })
  const scene = sceneOf<ScriptedHost>(options, { perTest: () => startScriptedHost(pages), close: (host) => host.close() })
  return scene
}

/** With the real engine, one for all tests. @param prepare puts into its data folder what should be there at the start */
export function servedScene(options: SceneOptions & { prepare?: (dataFolder: string) => Promise<void> } = {}): Scene<ServedApplication> {
  beforeAll(async () => {
    ;[scene.host, scene.browser] = await Promise.all([serveApplication(options.prepare), openBrowser()])
  })
  afterAll(async () => {
    await scene.browser?.close()
    await scene.host?.close()
  })
  const scene = sceneOf<ServedApplication>(options, {})
  return scene
}
