/** The page in German: which words on it are still English, told by the sentences of the two dictionaries. */
import type { Page } from 'playwright-core'
import { dictionaries } from '../../../src/renderer/language'
import type { Language } from '../../../src/shared/settings'

/** Words that are seen or read out, without what is marked as English and what a person typed. */
function wordsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const said = new Set<string>()
    const say = (text: string | null): void => {
      const plain = (text ?? '').replace(/\s+/g, ' ').trim()
      if (plain) said.add(plain)
    }
    for (const element of document.querySelectorAll('body, body *')) {
      // What was announced was said in the language of its time; a choice that shows its own value is the name of a parameter.
      if (element.closest('[lang="en"], [hidden], [aria-live], script, style') || (element instanceof HTMLOptionElement && element.value === element.text)) continue
      for (const name of ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt']) say(element.getAttribute(name))
      for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) say(node.textContent)
      // Sentences that are made of several nodes.
      if (element.matches('p, span, dd, dt, th, td, h2, h3, button')) say(element.textContent)
    }
    return [...said]
  })
}

const pattern = (sentence: string): RegExp => new RegExp(`^${sentence.trim().replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '.+')}$`)

/** Letters of a sentence that do not come out of its values. */
const letters = (sentence: string): number => sentence.replace(/\{\w+\}/g, '').replace(/\P{L}/gu, '').length

const german = Object.values(dictionaries.de).map(pattern)
/** Short sentences around values fit too much that is no sentence of ours. */
const english = Object.entries(dictionaries.en).filter(([key, sentence]) => sentence !== dictionaries.de[key as keyof typeof dictionaries.de] && letters(sentence) >= (sentence.includes('{') ? 8 : 4))

/** English sentences on a page that speaks German, with their keys. @param names of files and bundles, which are no words */
export async function englishLeftOvers(page: Page, names: readonly string[] = []): Promise<string[]> {
  const found: string[] = []
  for (const words of await wordsOf(page)) {
    const [key] = english.find(([, sentence]) => pattern(sentence).test(words)) ?? []
    if (key && !names.includes(words) && !german.some((each) => each.test(words))) found.push(`${key}: ${words}`)
  }
  return found
}

/** Has the engine keep another language, as the Settings page does; the page hears of it and stays as it is. */
export async function speakOnPage(page: Page, language: Language): Promise<void> {
  await page.evaluate((next) => fetch('/api/call/settings.set', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ language: next }) }), language)
  await page.waitForFunction((next) => document.documentElement.lang === next, language)
}

/** What of the page, as it stands, is not said in German. It speaks English again afterwards. */
export async function leftOversInGerman(page: Page, names: readonly string[] = []): Promise<string[]> {
  await speakOnPage(page, 'de')
  const found = await englishLeftOvers(page, names)
  await speakOnPage(page, 'en')
  return found
}
