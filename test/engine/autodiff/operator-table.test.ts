/** docs/OPERATORS.md says what the registry says. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { operatorTable } from '../../../src/engine/autodiff/operator-table'

it('the table of operators is up to date (else run node scripts/make-operator-table.mjs)', () => {
  const written = readFileSync(resolve(import.meta.dirname, '../../../docs/OPERATORS.md'), 'utf8')
  expect(written.replaceAll('\r\n', '\n')).toBe(operatorTable())
})
