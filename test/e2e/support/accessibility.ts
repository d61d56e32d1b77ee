/** axe-core in the page: what it finds wrong for people who use a screen reader, a keyboard, or eyes that need contrast. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type * as axe from 'axe-core'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Serious and critical violations, one line each with the first elements. Evaluated as a debugger would, past the page's policy. */
export async function seriousViolations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source)
  const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] }))
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 4).map(({ target, failureSummary }) => `${target.join(' ')} (${(failureSummary ?? '').split('\n').at(1)?.trim()})`).join('; ')}`)
}
